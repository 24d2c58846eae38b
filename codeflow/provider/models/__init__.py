"""The provider's rows. Paths and the label codeflow_provider are frozen: settings and migrations name them."""

from codeflow.provider.models.audit import AuditEvent
from codeflow.provider.models.client import Client, ClientSecret
from codeflow.provider.models.code import AuthorizationCode
from codeflow.provider.models.consent import Consent
from codeflow.provider.models.logout_delivery import LogoutDelivery
from codeflow.provider.models.server_secret import ServerSecret
from codeflow.provider.models.session import ProviderSession
from codeflow.provider.models.signing_key import SigningKey
from codeflow.provider.models.tokens import AccessToken, IDToken, RefreshToken

__all__ = [
    "AccessToken",
    "AuditEvent",
    "AuthorizationCode",
    "Client",
    "ClientSecret",
    "Consent",
    "IDToken",
    "LogoutDelivery",
    "ProviderSession",
    "RefreshToken",
    "ServerSecret",
    "SigningKey",
]
