"""The authorization server / OpenID Provider: steps 2, 3 and 6 of the flow, on django-oauth-toolkit."""
