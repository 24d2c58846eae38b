"""The relying party's steps of the flow: values in, values or errors out.

No Django; cache, clock and door are handed in.
"""
