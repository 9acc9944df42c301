"""What does a run look like in a browser? One HTML file that needs nothing else: see `page.render`."""
