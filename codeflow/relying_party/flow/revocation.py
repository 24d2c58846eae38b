"""At sign-out: give the refresh token back, so that nobody can use it any more.

RFC 7009 2.1, 2.2. Best effort: the sign-out here never waits long and never fails because of it.
"""

from codeflow.core.metadata import ProviderMetadata
from codeflow.http import HttpError
from codeflow.relying_party.flow.client_authentication import authenticated
from codeflow.relying_party.flow.configuration import Outside, Provider

DEADLINE = 3.0


def revoke_refresh_token(
    refresh_token: str, *, provider: Provider, metadata: ProviderMetadata, outside: Outside
) -> str:
    """ "" if the provider confirmed it; else why not."""
    form = {"token": refresh_token, "token_type_hint": "refresh_token"}
    headers, form = authenticated(provider, metadata, form, now=outside.clock())
    try:
        answer = outside.door.post_form(metadata.revocation_endpoint, form, headers=headers, deadline=DEADLINE)
    except HttpError as error:
        return str(error)
    return "" if answer.status_code == 200 else f"HTTP {answer.status_code}"
