"""`gatekeeper bench`: labelled pull requests made, reviewed, scored and timed."""
