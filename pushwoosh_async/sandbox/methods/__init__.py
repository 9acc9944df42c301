"""What does each method of the API do? A file for each, the rules they share, and the table of all."""
