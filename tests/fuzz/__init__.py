"""Requests that nobody should send, to every address of a site with both roles."""
