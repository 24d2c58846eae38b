"""What the consent page shows: who asks, who is asked, what for, what is new, and where it goes on.

RFC 6749 10.2, 10.13; OIDC Core 3.1.2.4.
"""

from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from codeflow.provider import scope_words
from codeflow.provider.flow import step2_consent
from codeflow.provider.flow.messages import CheckedAuthorizationRequest
from codeflow.provider.sessions import SignedIn
from codeflow.provider.views.client_words import client_words


def context(checked: CheckedAuthorizationRequest, signed: SignedIn) -> dict[str, Any]:
    """The template's names; what belongs to this very page (its id, its links) is the view's."""
    new = step2_consent.new_scopes(checked, signed.consent)
    optional = checked.client.optional_scopes
    groups = [
        (group, [{**asdict(words), "new": words.name in new, "optional": words.name in optional} for words in listed])
        for group, listed in scope_words.grouped(checked.consent_scopes)
    ]
    redirect_uri = checked.destination.redirect_uri
    return {
        **client_words(checked.client),
        "account": signed.user,
        "groups": groups,
        "scopes": [scope for _group, scopes in groups for scope in scopes],
        "has_optional": any(scope in optional for scope in checked.consent_scopes),
        "destination": urlsplit(redirect_uri).netloc or redirect_uri,
    }
