"""What happens to the flow when a process, a database or a cache dies under it."""
