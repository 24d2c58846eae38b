"""The provider in Django's admin: clients and their secrets, what was issued, and what happened.

DOT's admin registers the five swapped models with the classes named here; the others are registered in their own files. Nothing
secret is rendered anywhere but once: a new secret, in the answer to the POST that made it.
"""

from codeflow.provider.admin.audit import AuditEventAdmin
from codeflow.provider.admin.client import ClientAdmin
from codeflow.provider.admin.consents import ConsentAdmin
from codeflow.provider.admin.keys import SigningKeyAdmin
from codeflow.provider.admin.logouts import LogoutDeliveryAdmin
from codeflow.provider.admin.sessions import ProviderSessionAdmin
from codeflow.provider.admin.tokens import AccessTokenAdmin, AuthorizationCodeAdmin, IDTokenAdmin, RefreshTokenAdmin

__all__ = [
    "AccessTokenAdmin",
    "AuditEventAdmin",
    "AuthorizationCodeAdmin",
    "ClientAdmin",
    "ConsentAdmin",
    "IDTokenAdmin",
    "LogoutDeliveryAdmin",
    "ProviderSessionAdmin",
    "RefreshTokenAdmin",
    "SigningKeyAdmin",
]
