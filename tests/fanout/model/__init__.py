"""A model of the world around the real state code: clocks, a server, a disk, and every way to fail."""
