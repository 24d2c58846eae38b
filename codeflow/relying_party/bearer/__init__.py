"""The resource server's side: APIs of this site that take a provider's access tokens.

RFC 6750; RFC 9068; RFC 7662; RFC 9728. `required` has the decorator for plain views, `drf` and `ninja` the classes for
those frameworks, `resource_metadata` the document that tells clients where to get a token. Left out: DPoP, mTLS.
"""
