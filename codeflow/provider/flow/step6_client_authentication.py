"""Step 6, first: who is the client?

RFC 6749 2.3, 2.3.1, 3.2.1, 5.2 and appendix B; OIDC Core 9. One method per request; the same work and the same answer for an unknown
client, a disabled one and a wrong secret. Why it failed is told to the log and the audit trail alone.
"""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import unquote_plus

from django.utils import timezone

from codeflow.core.errors import InvalidClient, InvalidRequest, OAuthError
from codeflow.provider import clients
from codeflow.provider.clients import KnownClient, KnownSecret
from codeflow.provider.models import Client, ClientSecret

BASIC, POST, NONE = "client_secret_basic", "client_secret_post", "none"

LAST_USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatedClient:
    """A client that proved who it is, or a public one that named itself (RFC 6749 3.2.1)."""

    client: Client
    method: str
    secret: KnownSecret | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    client_id: str
    client_secret: str = field(repr=False)
    method: str


def authenticate_client(authorization: str, parameters: Mapping[str, str]) -> AuthenticatedClient:
    """`authorization` is the header's value or "", `parameters` the form's. Raises InvalidRequest or InvalidClient."""
    credentials = parse_credentials(authorization, parameters)
    known = clients.remembered_client(credentials.client_id)
    secret, problem = _judge(credentials, known) if known else (None, "not_remembered")
    if known is None or problem:  # memory may be old; and every failure costs the same one look-up, whoever failed
        known = clients.read_client(credentials.client_id) or clients.stand_in()
        secret, problem = _judge(credentials, known)
    if problem:
        raise _refusal(credentials, known, problem)
    return AuthenticatedClient(client=known.client, method=credentials.method, secret=secret)


def _refusal(credentials: Credentials, known: KnownClient, problem: str) -> InvalidClient:
    """The hint is sought for everybody, though it is told of wrong secrets alone: it takes time."""
    reason, detail = _hint(credentials, known)
    wrong = problem == "wrong_secret"
    error = InvalidClient(reason=(reason if wrong else "") or problem, detail=detail if wrong else "")
    error.client_id = credentials.client_id
    return error


def note_use(authenticated: AuthenticatedClient) -> None:
    """Writes when the secret was used, at most once a minute, so that a busy client does not write on every call."""
    secret, now = authenticated.secret, timezone.now()
    if secret is not None and (secret.last_used is None or now - secret.last_used >= LAST_USED_EVERY):
        ClientSecret.objects.filter(pk=secret.pk).update(last_used=now)
        secret.last_used = now


def parse_credentials(authorization: str, parameters: Mapping[str, str]) -> Credentials:
    """The one way in which the request names its client (RFC 6749 2.3: never more than one)."""
    if "client_assertion" in parameters and (authorization or "client_secret" in parameters):
        raise InvalidRequest("Use one way of client authentication.", reason="two_methods")  # RFC 7521 4.2
    if not authorization:
        return _from_parameters(parameters)
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise InvalidClient(reason="unknown_scheme")  # RFC 9110 11.1: the scheme's case does not matter
    client_id, client_secret = _decode_basic(encoded.strip())
    if "client_secret" in parameters:
        raise InvalidRequest("Use one way of client authentication.", reason="two_methods")
    if parameters.get("client_id", client_id) != client_id:
        raise InvalidRequest("The request names two clients.", reason="two_clients")
    return Credentials(client_id=client_id, client_secret=client_secret, method=BASIC)


def named_client(authorization: str, parameters: Mapping[str, str]) -> str:
    """The client_id that the request speaks of, proven or not; "" where it names none."""
    try:
        return parse_credentials(authorization, parameters).client_id
    except OAuthError:
        return ""


def _from_parameters(parameters: Mapping[str, str]) -> Credentials:
    client_secret = parameters.get("client_secret", "")
    return Credentials(
        client_id=parameters.get("client_id", ""), client_secret=client_secret, method=POST if client_secret else NONE
    )


def _decode_basic(encoded: str) -> tuple[str, str]:
    """user-id and password, each form-decoded (RFC 6749 2.3.1, appendix B)."""
    try:
        client_id, colon, client_secret = b64decode(encoded, validate=True).decode("utf-8").partition(":")
        if not colon:
            raise ValueError("no colon")
        return unquote_plus(client_id, errors="strict"), unquote_plus(client_secret, errors="strict")
    except (binascii.Error, ValueError) as error:
        raise InvalidClient(reason="malformed_basic") from error


def _judge(credentials: Credentials, known: KnownClient) -> tuple[KnownSecret | None, str]:
    """The secret that matches, and what is wrong all the same."""
    secret = _matching_secret(credentials, known)
    return secret, _problem(credentials, known, secret)


def _matching_secret(credentials: Credentials, known: KnownClient) -> KnownSecret | None:
    presented = credentials.client_secret
    if not presented or len(presented) > clients.MAX_SECRET:
        return None
    now = timezone.now()
    matching = None
    for secret in known.secrets or (clients.NOBODYS_SECRET,):
        if clients.secret_matches(presented, secret.hash) and (secret.expires is None or secret.expires > now):
            matching = secret
    return matching


def _problem(credentials: Credentials, known: KnownClient, secret: KnownSecret | None) -> str:
    """Why the client is not who it says, in a word for the audit trail; "" where it is."""
    if not known.client.pk:
        return "unknown_client" if credentials.client_id else "no_client"
    if not known.client.is_active:
        return "disabled_client"
    if known.client.is_public:
        return "" if credentials.method == NONE else "public_client_with_secret"
    if secret is None:
        return "wrong_secret" if credentials.client_secret else "no_secret"
    if known.client.token_endpoint_auth_method not in ("", credentials.method):
        return "wrong_method"  # OIDC Registration 2
    return ""


_HASHES = ("pbkdf2_", "argon2", "bcrypt", "scrypt", "sha256$")
"""How stored hashes begin, Django's and ours."""


def _hint(credentials: Credentials, known: KnownClient) -> tuple[str, str]:
    """Which mistake it looks like, in a word for the audit trail ("": none of the known ones) and in a sentence for the log.
    It tells the last characters and the age of secrets that are stored, never a value.
    """
    presented, held = credentials.client_secret, known.secrets
    if presented.startswith(_HASHES):
        return "stored_hash_sent", "what was sent looks like a stored hash, not like a secret: make a new secret"
    now = timezone.now()
    for secret in held:
        if secret.expires and secret.expires <= now and clients.secret_matches(presented, secret.hash):
            ago = (now - secret.expires).days
            detail = (
                f"the secret …{secret.hint} expired {secret.expires:%Y-%m-%d %H:%M}, {ago} days ago: use the new one"
            )
            return "retired_secret", detail
    live = [secret for secret in held if secret.expires is None or secret.expires > now]
    names = ", ".join(f"…{secret.hint} of {secret.created:%Y-%m-%d}" for secret in live if secret.created)
    return "", f"it is none of those that count: {names or 'there is none'}; copy it again, or make a new one"
