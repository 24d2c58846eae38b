"""A provider set up for the OpenID Foundation's conformance suite: three clients, one fully described person, no demo look."""
