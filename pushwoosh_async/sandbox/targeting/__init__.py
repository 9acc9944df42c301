"""Whom do conditions and filters choose? Read anew here: the client's own reading is not shared."""
