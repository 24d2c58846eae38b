"""What the server keeps for people: notes, behind a bearer-protected API."""
