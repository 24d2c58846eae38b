"""Introspection: what a token is, told to those who may know.

RFC 7662 2.1, 2.2, 4. A client sees its own tokens; a resource server (`Client.may_introspect`) sees all. Everybody else's, and dead
ones, are `{"active": false}` and nothing more.
"""

from typing import Any

from django.utils import timezone

from codeflow.core.token import BEARER
from codeflow.provider.claims import subject
from codeflow.provider.conf import provider_settings
from codeflow.provider.grants import live_access_token
from codeflow.provider.models import AccessToken, Client, RefreshToken
from codeflow.provider.models.client import SubjectType
from codeflow.provider.models.tokens import token_digest

INACTIVE: dict[str, Any] = {"active": False}


def introspect(token: str, client: Client) -> dict[str, Any]:
    """The members of RFC 7662 2.2."""
    row = live_access_token(token) or _live_refresh_token(token)
    if row is None or not (client.may_introspect or row.application_id == client.pk):
        return INACTIVE
    members: dict[str, Any] = {
        "active": True,
        "iss": provider_settings.issuer,
        "client_id": row.application.client_id,
        "sub": subject(row.user, row.application),
        "scope": row.scope,
        "iat": int(row.created.timestamp()),
        "exp": int(row.expires.timestamp()),
    }
    if "profile" in row.scope.split() and row.application.subject_type == SubjectType.PUBLIC:
        members["username"] = row.user.get_username()  # no more than userinfo would tell, and nothing that joins sites
    if isinstance(row, AccessToken):
        members["token_type"] = BEARER
    if row.resource:
        members["aud"] = list(row.resource)
    return members


def _live_refresh_token(token: str) -> RefreshToken | None:
    rows = RefreshToken.objects.select_related("user", "application")
    row = rows.filter(token_checksum=token_digest(token), revoked=None, used_at=None).first()
    if row is None or row.expires <= timezone.now() or not row.user.is_active or not row.application.is_active:
        return None
    return row
