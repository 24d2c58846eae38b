"""HTTP in and out. What to answer is decided in `flow`."""
