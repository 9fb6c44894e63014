"""`gatekeeper bench --cruxeval`: a model predicts what functions return."""
