"""The client: a site without a password form that wants people's notes."""
