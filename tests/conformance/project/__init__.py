"""The site under test: two URL configurations, for an issuer with a path and for one without."""
