"""The ID token (OIDC Core 3.1.3.7)."""

from typing import Any

import jwt

from codeflow.core import jose
from codeflow.testing.keys import ALG, KID, now, other_key, part, sign
from codeflow.testing.misbehaviours.definition import Misbehaviour, claims, header, members, signed
from codeflow.testing.state import State
from codeflow.testing.ways import LEFT_OUT, Claims

WEEK = 7 * 24 * 3600


def _unsigned(values: Claims) -> str:
    return f"{part({'alg': 'none'})}.{part(values)}."


def _hs256(values: Claims) -> str:
    """Keyed by what is public: compare CVE-2015-9235."""
    signed_part = f"{part({'alg': 'HS256', 'kid': KID})}.{part(values)}"
    mac = jwt.get_algorithm_by_name("HS256").sign(signed_part.encode(), b"the public key, as text, and then some more")
    return f"{signed_part}.{part(mac)}"


def _altered(values: Claims) -> str:
    head, _, signature = sign(values, {"kid": KID}).split(".")
    return f"{head}.{part({**values, 'sub': 'somebody-else'})}.{signature}"


def _by_another_key(values: Claims) -> str:
    return sign(values, {"kid": KID}, other_key())


def _with_its_own_key(values: Claims) -> str:
    own = jose.public_jwk(other_key(), alg=ALG)
    return sign(values, {"kid": own["kid"], "jwk": own, "jku": "https://evil.example/jwks"}, other_key())


def _duplicate_members(values: Claims) -> str:
    twice = b'{"iss":"a","iss":"b"}'
    return f"{part({'alg': ALG, 'kid': KID})}.{part(twice)}.{part(b'x')}"


def _late(**values: int) -> Any:
    """Times are of the moment at which the token is made."""

    def change(state: State) -> None:
        state.ways.claims.update({name: now() + seconds for name, seconds in values.items()})

    return change


def _second_audience(state: State) -> None:
    mine = state.registration.client_id
    state.ways.claims.update(aud=[mine, "another-client"], azp=mine)


ID_TOKEN = (
    Misbehaviour("id_token_garbled", "C", "Core 3.1.3.7 (1)", members(id_token="!.!.!")),
    Misbehaviour("id_token_encrypted", "C", "Core 3.1.3.7 (1)", members(id_token="a.b.c.d.e")),
    Misbehaviour("id_token_duplicate_members", "C", "RFC 7519 4", signed(_duplicate_members)),
    Misbehaviour("alg_none", "C", "RFC 8725 3.1", signed(_unsigned)),
    Misbehaviour("alg_hs256", "C", "RFC 8725 2.1", signed(_hs256)),
    Misbehaviour("payload_altered", "C", "Core 3.1.3.7 (6)", signed(_altered)),
    Misbehaviour("signature_wrong", "C", "Core 3.1.3.7 (6)", signed(_by_another_key)),
    Misbehaviour("key_in_header", "C", "RFC 8725 3.10", signed(_with_its_own_key)),
    Misbehaviour("kid_unknown", "C", "Core 10.1.1", header(kid="nobody-has-it")),
    Misbehaviour("kid_missing", "-", "Core 10.1", header(kid=LEFT_OUT)),
    Misbehaviour("crit", "C", "RFC 7515 4.1.11", header(crit=["exp"])),
    Misbehaviour("typ_access_token", "C", "RFC 9068 4", header(typ="at+jwt")),
    Misbehaviour("typ_logout_token", "C", "RFC 8725 3.11", header(typ="logout+jwt")),
    Misbehaviour("id_token_iss_wrong", "C", "Core 3.1.3.7 (2)", claims(iss="https://evil.example")),
    Misbehaviour("id_token_iss_missing", "C", "Core 2", claims(iss=LEFT_OUT)),
    Misbehaviour("aud_wrong", "C", "Core 3.1.3.7 (3)", claims(aud="another-client")),
    Misbehaviour("aud_missing", "C", "Core 2", claims(aud=LEFT_OUT)),
    Misbehaviour("aud_second", "C", "Core 3.1.3.7 (3)", _second_audience),
    Misbehaviour("azp_wrong", "C", "Core 3.1.3.7 (5)", claims(azp="another-client")),
    Misbehaviour("expired", "C", "Core 3.1.3.7 (9)", _late(exp=-600)),
    Misbehaviour("exp_missing", "C", "Core 2", claims(exp=LEFT_OUT)),
    Misbehaviour("exp_absurd", "C", "Core 3.1.3.7 (9)", claims(exp=1e300)),
    Misbehaviour("iat_missing", "C", "Core 2", claims(iat=LEFT_OUT)),
    Misbehaviour("iat_old", "C", "Core 3.1.3.7 (10)", _late(iat=-WEEK)),
    Misbehaviour("iat_future", "C", "Core 3.1.3.7 (10)", _late(iat=3600)),
    Misbehaviour("nbf_future", "C", "RFC 7519 4.1.5", _late(nbf=3600)),
    Misbehaviour("sub_missing", "C", "Core 2", claims(sub=LEFT_OUT)),
    Misbehaviour("sub_empty", "C", "Core 2", claims(sub="")),
    Misbehaviour("sub_number", "C", "Core 2", claims(sub=1)),
    Misbehaviour("sub_too_long", "C", "Core 2", claims(sub="a" * 256)),
    Misbehaviour("nonce_wrong", "C", "Core 3.1.3.7 (11)", claims(nonce="somebody-elses")),
    Misbehaviour("nonce_missing", "C", "Core 3.1.3.7 (11)", claims(nonce=LEFT_OUT)),
    Misbehaviour("at_hash_wrong", "C", "Core 3.1.3.8", claims(at_hash="AAAAAAAAAAAAAAAAAAAAAA")),
    Misbehaviour("at_hash_missing", "-", "Core 3.1.3.6", claims(at_hash=LEFT_OUT)),
    Misbehaviour("auth_time_missing", "B", "Core 3.1.3.7 (13)", claims(auth_time=LEFT_OUT), needs="max_age"),
    Misbehaviour("auth_time_old", "B", "Core 3.1.3.7 (13)", _late(auth_time=-WEEK), needs="max_age"),
    Misbehaviour("acr_missing", "E", "Core 3.1.3.7 (12)", claims(acr=LEFT_OUT), needs="acr"),
    Misbehaviour("acr_lower", "E", "Core 3.1.3.7 (12)", claims(acr="urn:weak"), needs="acr"),
    Misbehaviour("sid_number", "C", "Back-Channel Logout 2.1", claims(sid=7)),
)
