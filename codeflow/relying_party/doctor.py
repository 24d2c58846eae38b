"""What codeflow_doctor says about the relying party: its settings, and each provider as it answers now.

Nothing is taken from the cache, nothing is written, nobody is signed in.
"""

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from django.core.checks import ERROR, CheckMessage
from django.db import DatabaseError
from django.urls import NoReverseMatch, reverse

from codeflow.core import jose, pkce
from codeflow.core.findings import NOTE, PROBLEM, WARNING, Finding
from codeflow.core.metadata import ProviderMetadata
from codeflow.core.uris import openid_configuration_url
from codeflow.http import Answer, BrokeTheRules
from codeflow.relying_party import checks, clearing
from codeflow.relying_party.addresses import NAMESPACE
from codeflow.relying_party.conf import conf, outside
from codeflow.relying_party.errors import ConfigurationError, ProviderUnavailable, ProviderUntrusted, RelyingPartyError
from codeflow.relying_party.flow.client_authentication import choose_method
from codeflow.relying_party.flow.configuration import OPENID, Provider
from codeflow.relying_party.flow.discovery import MAX_BODY, check_metadata
from codeflow.relying_party.flow.documents import fetch
from codeflow.relying_party.flow.jwks import MAX_BODY as MAX_JWKS
from codeflow.relying_party.flow.jwks import MAX_KEYS, accepted_algorithms
from codeflow.sweeping import backlog

SKEW_NOTED = 5
"""Seconds; a Date header is coarse and the way takes time."""


def findings(provider: str = "") -> Iterator[Finding]:
    """About the provider called so, or about the settings and all of them."""
    if provider and provider not in conf.provider_names:
        fix = f"Known ones are {', '.join(conf.provider_names) or 'none'}{conf.guess(provider)}."
        yield Finding(check="settings", level=PROBLEM, subject=provider, what="PROVIDERS has no such entry.", fix=fix)
        return
    if not provider:
        yield from _settings()
        yield from _backlog()
    for name in [provider] if provider else conf.provider_names:
        yield from _provider(name)


def _settings() -> Iterator[Finding]:
    """The system checks, so that one command tells everything."""
    messages = [message for check in checks.CHECKS for message in check()]
    yield from (_as_finding(message) for message in messages)
    if not messages:
        yield Finding(check="settings", what="The system checks find nothing.")


def _backlog() -> Iterator[Finding]:
    try:
        yield from backlog(clearing.sweeps())
    except DatabaseError as error:
        what = f"The tables cannot be read ({type(error).__name__})."
        yield Finding(check="database", level=PROBLEM, what=what, fix="manage.py migrate")


def _as_finding(message: CheckMessage) -> Finding:
    level = PROBLEM if message.level >= ERROR else WARNING
    return Finding(check=str(message.id), level=level, what=str(message.msg), fix=str(message.hint or ""))


def _provider(name: str) -> Iterator[Finding]:
    """In the order in which one thing needs the other; after what cannot be read there is no more to say."""
    try:
        provider = conf.provider(name)
    except ConfigurationError as error:
        yield Finding(check="settings", level=PROBLEM, subject=name, what=error.detail, fix="See manage.py check.")
        return
    yield from _to_register(provider)
    try:
        metadata, answer = _fetch_metadata(provider)
    except RelyingPartyError as error:
        yield Finding(check="discovery", level=PROBLEM, subject=name, what=str(error), fix=_mend(error, provider))
        return
    yield Finding(check="discovery", subject=name, what=f"{openid_configuration_url(provider.issuer)} is good.")
    yield Finding(check="issuer", subject=name, what=f"It states the configured issuer, {provider.issuer}.")
    yield _tls(provider)
    yield _clock(provider, answer)
    yield _authentication(provider, metadata)
    yield _pkce(provider, metadata)
    yield _algorithms(provider, metadata)
    yield _keys(provider, metadata)
    yield from _scopes(provider, metadata)
    yield from _logout(provider, metadata)


def _fetch_metadata(provider: Provider) -> tuple[ProviderMetadata, Answer]:
    answer = fetch(openid_configuration_url(provider.issuer), outside(), stage="metadata", max_body=MAX_BODY)
    try:
        document = answer.json_object()
    except BrokeTheRules as error:
        raise ProviderUntrusted("metadata.json", error.detail) from error
    return check_metadata(document, provider), answer


def _mend(error: RelyingPartyError, provider: Provider) -> str:
    """What to do about the commonest ends of discovery."""
    if error.code == "metadata.issuer":
        stated = next((item.actual for item in error.checks if item.name == "issuer"), "")
        return f'Write "issuer": "{stated}" if that is the provider you mean; every character counts.'
    if "speaks http" in error.detail:
        plain = provider.issuer.replace("https://", "http://", 1)
        return f'Give the provider a certificate; or write "issuer": "{plain}", which loopback hosts alone may have.'
    if "TLS" in error.detail:
        return "The certificate must be valid for the host and its issuer known to this machine (certifi's list)."
    if isinstance(error, ProviderUnavailable):
        return f"Can this machine reach {openid_configuration_url(provider.issuer)}? Look at DNS, firewall and proxy."
    if error.code == "metadata.status":
        return "Is the issuer complete, with its path (realm, tenant) and without /.well-known/…?"
    if isinstance(error, ConfigurationError):
        return "Correct the entry in PROVIDERS."
    return "The provider breaks a rule that sign-in rests on: tell its operator what was found."


def _tls(provider: Provider) -> Finding:
    if provider.issuer.startswith("https:"):
        return Finding(check="tls", subject=provider.name, what="The certificate is valid for the host.")
    fix = "https before anybody but you uses it."
    return Finding(check="tls", level=WARNING, subject=provider.name, what="Plain http on a loopback host.", fix=fix)


def _clock(provider: Provider, answer: Answer) -> Finding:
    """By the answer's Date, in whole seconds."""
    try:
        skew = round(time.time() - parsedate_to_datetime(answer.headers.get("Date", "")).timestamp())
    except (TypeError, ValueError):
        return Finding(check="clock", level=NOTE, subject=provider.name, what="The answer has no Date to compare with.")
    side = "ahead of" if skew > 0 else "behind"
    what = (
        f"This machine is {abs(skew)} s {side} the provider." if abs(skew) > 1 else "Both clocks agree to the second."
    )
    if abs(skew) > provider.leeway:
        fix = f"Set the clock (NTP); tokens are refused beyond {provider.leeway} s."
        return Finding(check="clock", level=PROBLEM, subject=provider.name, what=what, fix=fix)
    if abs(skew) > SKEW_NOTED:
        return Finding(check="clock", level=WARNING, subject=provider.name, what=what, fix="Set the clock (NTP).")
    return Finding(check="clock", subject=provider.name, what=what)


def _authentication(provider: Provider, metadata: ProviderMetadata) -> Finding:
    offered = " ".join(metadata.token_endpoint_auth_methods_supported) or "not stated, so client_secret_basic"
    what = f"{choose_method(provider, metadata)} will be used (offered: {offered})."
    return Finding(check="authentication", subject=provider.name, what=what)


def _pkce(provider: Provider, metadata: ProviderMetadata) -> Finding:
    methods = metadata.code_challenge_methods_supported
    if methods and pkce.S256 in methods:
        return Finding(check="pkce", subject=provider.name, what="S256.")
    what = "The metadata does not name S256; it is sent all the same, and the nonce protects the code."
    fix = "Ask the provider's operator to turn PKCE on and to say so."
    return Finding(check="pkce", level=WARNING, subject=provider.name, what=what, fix=fix)


def _algorithms(provider: Provider, metadata: ProviderMetadata) -> Finding:
    stated = metadata.id_token_signing_alg_values_supported
    accepted = accepted_algorithms(provider, metadata)
    what = f"ID tokens may be signed with {' '.join(accepted)}."
    if stated and not set(stated) & set(accepted):
        fix = "Have the provider sign with RS256, ES256 or EdDSA, or correct id_token_signing_alg_values."
        what = f"The provider offers {' '.join(stated)} alone, of which nothing is accepted."
        return Finding(check="algorithms", level=PROBLEM, subject=provider.name, what=what, fix=fix)
    return Finding(check="algorithms", subject=provider.name, what=what)


def _keys(provider: Provider, metadata: ProviderMetadata) -> Finding:
    try:
        answer = fetch(metadata.jwks_uri, outside(), stage="jwks", max_body=MAX_JWKS)
        keys = jose.usable_keys(answer.json_object(), at_most=MAX_KEYS)
    except (RelyingPartyError, BrokeTheRules, jose.JoseError) as error:
        what = str(error)
        fix = f"{metadata.jwks_uri} must answer with a JWK Set."
        return Finding(check="keys", level=PROBLEM, subject=provider.name, what=what, fix=fix)
    if not keys:
        fix = "RSA keys need 2048 bits, and use and key_ops must allow signatures."
        return Finding(check="keys", level=PROBLEM, subject=provider.name, what="No usable signing key.", fix=fix)
    named = ", ".join(f"{key.get('kid', 'no kid')} ({key.get('alg', key.get('kty'))})" for key in keys[:10])
    return Finding(check="keys", subject=provider.name, what=f"{len(keys)} usable: {named}.")


def _scopes(provider: Provider, metadata: ProviderMetadata) -> Iterator[Finding]:
    known = metadata.scopes_supported
    unknown = [name for name in provider.requested_scope.split() if known and name not in known]
    if unknown and unknown != [OPENID]:
        what = f"The metadata does not list {' '.join(unknown)}."
        fix = 'Look for a slip in "scope"; providers need not list every scope (Discovery 3).'
        yield Finding(check="scope", level=WARNING, subject=provider.name, what=what, fix=fix)


def _logout(provider: Provider, metadata: ProviderMetadata) -> Iterator[Finding]:
    if metadata.end_session_endpoint:
        yield Finding(check="logout", subject=provider.name, what="People can sign out at the provider too.")
    else:
        what = "No end_session_endpoint: signing out ends the session here alone."
        yield Finding(check="logout", level=NOTE, subject=provider.name, what=what)
    told = metadata.backchannel_logout_supported or metadata.frontchannel_logout_supported
    ways = "back-channel" if metadata.backchannel_logout_supported else "front-channel" if told else ""
    what = f"The provider can tell this site of sign-outs there ({ways})." if told else "It tells nobody of sign-outs."
    yield Finding(check="logout", level="ok" if told else NOTE, subject=provider.name, what=what)


def _to_register(provider: Provider) -> Iterator[Finding]:
    """The addresses that the provider's operator needs, character by character."""
    if not conf.public_url:
        fix = 'Set "PUBLIC_URL": "https://your.host", or trust the proxy\'s Host and X-Forwarded-Proto headers.'
        what = "PUBLIC_URL is not set: the addresses follow each request's host."
        yield Finding(check="public_url", level=NOTE, subject=provider.name, what=what, fix=fix)
    base = conf.public_url or "https://your.host"
    for name, view, arguments in (
        ("redirect_uri", "callback", [provider.name]),
        ("post_logout_redirect_uri", "signed_out", []),
        ("backchannel_logout_uri", "backchannel", [provider.name]),
        ("frontchannel_logout_uri", "frontchannel", [provider.name]),
    ):
        try:
            address = base + reverse(f"{NAMESPACE}:{view}", args=arguments)
        except NoReverseMatch:
            continue
        yield Finding(check="register", subject=provider.name, what=f"{name}: {address}")
