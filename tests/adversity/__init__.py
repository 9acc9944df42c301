"""Every fault in the book, done to the real library: a test a row, and a line that says what it did."""
