"""`gatekeeper bench --halting`: functions labelled by whether they halt, against what is said of them."""
