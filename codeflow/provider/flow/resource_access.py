"""May this access token be used here?

RFC 6750 2, 3.1; RFC 8707 3; RFC 7662 4. One statement: the row joined with its user and client, so that a deactivation counts at once.
"""

import re
from collections.abc import Collection

from codeflow.core.errors import InsufficientScope, InvalidRequest, InvalidToken
from codeflow.provider.grants import live_access_token
from codeflow.provider.models import AccessToken

_B64TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
MAX_TOKEN = 8192


def bearer_token(authorization: str, body_token: str | None) -> str:
    """The one token of the request: from the header, or from a form body (RFC 6750 2.1, 2.2). "" where there is none.

    Raises InvalidRequest where it is sent in two ways, InvalidToken where it is malformed.
    """
    scheme, _, value = authorization.partition(" ")
    header_token = value.strip() if scheme.lower() == "bearer" else None
    if header_token is not None and body_token is not None:
        raise InvalidRequest("Send the access token in one way only.", reason="two_tokens")
    token = header_token if header_token is not None else body_token
    if token is None:
        return ""
    if len(token) > MAX_TOKEN or not _B64TOKEN.fullmatch(token):
        raise InvalidToken(reason="malformed_token")
    return token


def check_access_token(token: str, *, uri: str, scopes: Collection[str] = ()) -> AccessToken:
    """The row of a token that is live, meant for `uri` and covers `scopes`. Raises InvalidToken or InsufficientScope."""
    row = live_access_token(token)
    if row is None:
        raise InvalidToken(reason="unknown_or_dead_token")
    if not row.allows_audience(uri):
        raise InvalidToken(reason="other_audience")
    if not row.allow_scopes(scopes):
        raise InsufficientScope(reason="scope")
    return row
