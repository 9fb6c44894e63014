"""`gatekeeper trace`: one test or one call, step by step, as a model predicts it and as the sandbox runs it."""
