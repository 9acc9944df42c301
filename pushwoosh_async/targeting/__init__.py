"""Who gets a message."""
