"""What a client's registration must hold, a rule for each field.

RFC 6749 2, 3.1.2; RFC 8252 8.6; RFC 9700 2.1, 4.1; OIDC Core 8, 8.1; Back-Channel Logout 2.2; Front-Channel Logout 2.
"""

import re
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from codeflow.provider.conf import provider_settings
from codeflow.provider.models import client_addresses as addresses

if TYPE_CHECKING:
    from codeflow.provider.models.client import Client

NO_ID_TOKENS = "none"
"""An `id_token_signed_response_alg`: the client gets no ID tokens, so it may not ask for openid."""

_CLIENT_ID = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?")  # RFC 6749 A.1, but for a space at either end


def problems_of(client: "Client", before: "Client | None") -> dict[str, list[ValidationError]]:
    """Field → what is wrong with it, each with a code. `before` is the row as it stands, None for a new one."""
    return {
        "client_id": _client_id_problems(client),
        "redirect_uris": addresses.redirect_problems(client, client.redirect_uris, required=True),
        "post_logout_redirect_uris": addresses.redirect_problems(
            client, client.post_logout_redirect_uris, required=False
        ),
        "allowed_origins": addresses.origin_problems(client.allowed_origins),
        "scope": _scope_problems(client),
        "optional_scope": _optional_scope_problems(client),
        "pkce_required": _pkce_problems(client),
        "skip_authorization": _skip_problems(client),
        "token_endpoint_auth_method": _auth_method_problems(client),
        "id_token_signed_response_alg": _id_token_problems(client),
        "userinfo_signed_response_alg": _algorithm_problems(client.userinfo_signed_response_alg),
        "subject_type": _subject_problems(client, before),
        "backchannel_logout_uri": addresses.web_problems(client.backchannel_logout_uri),
        "frontchannel_logout_uri": addresses.frontchannel_problems(client),
        "logo_uri": addresses.logo_problems(client.logo_uri),
        "client_uri": addresses.web_problems(client.client_uri),
        "policy_uri": addresses.web_problems(client.policy_uri),
        "tos_uri": addresses.web_problems(client.tos_uri),
        "contact": addresses.contact_problems(client.contact),
        "may_introspect": _introspection_problems(client),
    }


def _client_id_problems(client: "Client") -> list[ValidationError]:
    if _CLIENT_ID.fullmatch(client.client_id):
        return []
    message = _("%(id)r: use up to 255 ASCII characters, no space at either end (RFC 6749 A.1).")
    return [ValidationError(message, code="client_id", params={"id": client.client_id})]


def _scope_problems(client: "Client") -> list[ValidationError]:
    unknown = sorted(client.allowed_scopes - provider_settings.scopes.keys())
    if not unknown:
        return []
    message = _("Unknown scope: %(unknown)s. Known ones are the keys of OAUTH2_PROVIDER['SCOPES'].")
    return [ValidationError(message, code="unknown_scope", params={"unknown": " ".join(unknown)})]


def _optional_scope_problems(client: "Client") -> list[ValidationError]:
    """People untick what is asked; openid is what makes it a sign-in (OIDC Core 3.1.2.1)."""
    wrong = sorted(set(client.optional_scope.split()) - client.allowed_scopes)
    if not wrong:
        return []
    message = _("It may not ask for %(scope)s, so nobody can untick that.")
    return [ValidationError(message, code="optional_scope", params={"scope": " ".join(wrong)})]


def _pkce_problems(client: "Client") -> list[ValidationError]:
    if client.pkce_required or not client.is_public:
        return []
    return [ValidationError(_("A public client always needs PKCE (RFC 9700 2.1.1)."), code="public_pkce")]


def _skip_problems(client: "Client") -> list[ValidationError]:
    if client.skip_authorization and not all(client.identity_assured(uri) for uri in client.redirect_uris.split()):
        message = _("Other apps on a device can pose as this client, so people must be asked (RFC 8252 8.6).")
        return [ValidationError(message, code="skip_unassured")]
    return []


def _auth_method_problems(client: "Client") -> list[ValidationError]:
    if client.is_public and client.token_endpoint_auth_method not in ("", "none"):
        return [ValidationError(_("A public client has no secret to send."), code="public_auth_method")]
    if not client.is_public and client.token_endpoint_auth_method == "none":
        return [ValidationError(_("Only a public client has no secret."), code="confidential_auth_method")]
    return []


def _id_token_problems(client: "Client") -> list[ValidationError]:
    """Whoever asks for openid gets an ID token, so something must sign it (OIDC Core 2, 3.1.2.1)."""
    if client.id_token_signed_response_alg != NO_ID_TOKENS:
        return _algorithm_problems(client.id_token_signed_response_alg)
    if "openid" not in client.allowed_scopes:
        return []
    message = _(
        "Without a signature there are no ID tokens, so it cannot ask for openid: choose one, or untick openid."
    )
    return [ValidationError(message, code="openid_unsigned")]


def _algorithm_problems(algorithm: str) -> list[ValidationError]:
    allowed = provider_settings.signing_algorithms
    if algorithm in ("", *allowed):
        return []
    message = _("Not one of CODEFLOW_PROVIDER['SIGNING_ALGORITHMS']: %(allowed)s.")
    return [ValidationError(message, code="algorithm", params={"allowed": ", ".join(allowed)})]


def _subject_problems(client: "Client", before: "Client | None") -> list[ValidationError]:
    """A subject that a client has seen never changes, so neither does what it is made from (OIDC Core 8)."""
    if client.subject_type == "pairwise" and not client.sector:
        message = _("Its redirect URIs have several hosts: name the sector identifier (OIDC Core 8.1).")
        return [ValidationError(message, code="sector_identifier")]
    if before is None or not before.subjects_given:
        return []
    if (before.subject_type, before.subject_sector) != (client.subject_type, client.subject_sector):
        message = _("People have signed in with this client: their subjects must stay as they are.")
        return [ValidationError(message, code="subjects_in_use")]
    return []


def _introspection_problems(client: "Client") -> list[ValidationError]:
    if client.may_introspect and client.is_public:
        message = _("A public client cannot authenticate, so it may not introspect.")
        return [ValidationError(message, code="public_introspection")]
    return []
