"""What real CI did: its reports read, matched to predictions, and judged whether they count."""
