"""Stop at every step: each redirect, and the token request, stands still on a page that explains it.

middleware      puts the page in the place of a redirect, and before the token request
parameters      what each parameter is, who may read it, and where it is written
token_request   the request that the client is about to send, and what may be changed in it
"""
