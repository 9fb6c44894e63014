"""The only code that speaks to a model server; prompts and answers of each model profile."""
