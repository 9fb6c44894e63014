"""What is on the shelf, what can be cooked of it, and what is to be bought."""
