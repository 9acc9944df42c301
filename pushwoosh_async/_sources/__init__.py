"""How a file becomes ids: bytes (`files`) to whole lines (`text`) to ids in pages (`formats`)."""
