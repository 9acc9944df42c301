"""What can be typed? One file for each command, or for those of one kind; `app` lists them."""
