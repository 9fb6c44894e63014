"""Whether functions that can loop end: tried in the sandbox, in a review and by themselves."""
