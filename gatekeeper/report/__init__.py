"""A finished Review -> what people and programs read of it: the terminal, a page, JSON."""
