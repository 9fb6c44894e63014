"""A review in GitHub's Markdown: a check run, comments on the diff, answers to commands."""
