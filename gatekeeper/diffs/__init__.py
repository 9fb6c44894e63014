"""text -> Diff -> changed symbols."""
