"""The OpenID Foundation's plans for relying parties, one test per module and with the module's name."""
