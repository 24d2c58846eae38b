import json
from base64 import urlsafe_b64encode
from contextlib import suppress

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from codeflow.core import jose
from codeflow.core.jose import JoseError, NoMatchingKey

CLAIMS = {"iss": "https://op.example", "sub": "7", "name": "Zoë"}

RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ED_KEY = ed25519.Ed25519PrivateKey.generate()
KEYS = {
    "RS256": RSA_KEY,
    "RS512": RSA_KEY,
    "PS256": RSA_KEY,
    "ES256": EC_KEY,
    "ES384": ec.generate_private_key(ec.SECP384R1()),
    "ES512": ec.generate_private_key(ec.SECP521R1()),
    "EdDSA": ED_KEY,
}


def base64url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def part(value: object) -> str:
    return base64url(json.dumps(value).encode())


def signed(key=RSA_KEY, alg="RS256", header=None, claims=CLAIMS) -> str:
    """A JWS made by PyJWT directly, so that a test may put anything into its header."""
    return jwt.PyJWS().encode(json.dumps(claims).encode(), key, algorithm=alg, headers=header)


def rs256_jwk(**members: object) -> dict[str, object]:
    return {**jose.public_jwk(RSA_KEY, alg="RS256", kid="1"), **members}


# Signing and verifying


@pytest.mark.spec("RFC 7518", "3.1", "signature algorithms")
@pytest.mark.parametrize("alg", KEYS)
def test_what_is_signed_is_verified_with_the_published_key(alg):
    jwk = jose.public_jwk(KEYS[alg], alg=alg)
    token = jose.sign(CLAIMS, KEYS[alg], alg=alg, kid=jwk["kid"])
    verified = jose.verify(token, [jwk], algorithms=[alg])
    assert verified.claims == CLAIMS
    assert verified.header == {"alg": alg, "kid": jwk["kid"], "typ": "JWT"}
    assert verified.kid == jwk["kid"]


@pytest.mark.spec("RFC 8037", "3.1", "EdDSA with Ed448")
def test_ed448_signature_is_verified():
    key = ed448.Ed448PrivateKey.generate()
    jwk = jose.public_jwk(key.public_key(), alg="EdDSA", kid="1")
    assert jose.verify(signed(key, "EdDSA"), [jwk], algorithms=["EdDSA"]).claims == CLAIMS


@pytest.mark.spec("RFC 7515", "A.2", "example of RS256")
def test_example_of_rs256_is_verified():
    jwk = {
        "kty": "RSA",
        "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS"
        "-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg"
        "665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWy"
        "uXpoQ",
        "e": "AQAB",
    }
    token = (
        "eyJhbGciOiJSUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1d"
        "nZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwu"
        "sC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    )
    assert jose.verify(token, [jwk], algorithms=["RS256"]).claims["iss"] == "joe"


@pytest.mark.spec("RFC 7515", "A.3", "example of ES256")
def test_example_of_es256_is_verified():
    jwk = {
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }
    token = (
        "eyJhbGciOiJFUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    )
    assert jose.verify(token, [jwk], algorithms=["ES256"]).claims["exp"] == 1300819380


@pytest.mark.spec("OIDC Core", "3.1.3.7 (6)", "the signature must hold")
def test_changed_payload_is_refused():
    header, _, signature = signed(header={"kid": "1"}).split(".")
    with pytest.raises(JoseError, match="signature does not hold"):
        jose.verify(f"{header}.{part({**CLAIMS, 'sub': '8'})}.{signature}", [rs256_jwk()], algorithms=["RS256"])


@pytest.mark.spec("OIDC Core", "3.1.3.7 (6)", "the signature must hold")
@pytest.mark.parametrize("signature", ["", "AAAA", "!!!!"])
def test_wrong_signature_is_refused(signature):
    header, payload, _ = signed().split(".")
    with pytest.raises(JoseError):
        jose.verify(f"{header}.{payload}.{signature}", [rs256_jwk()], algorithms=["RS256"])


@pytest.mark.spec("OIDC Core", "3.1.3.7 (6)", "the signature must hold")
def test_right_kid_on_another_key_is_refused():
    other = rsa.generate_private_key(65537, 2048)
    with pytest.raises(JoseError, match="signature does not hold"):
        jose.verify(signed(other, header={"kid": "1"}), [rs256_jwk()], algorithms=["RS256"])


# The header


@pytest.mark.spec("RFC 8725", "3.1", "the algorithm is pinned by the verifier")
@pytest.mark.parametrize("algorithms", [["ES256"], ["RS512", "PS256"], []])
def test_algorithm_that_is_not_pinned_is_refused(algorithms):
    with pytest.raises(JoseError, match="algorithm is not accepted"):
        jose.verify(signed(), [rs256_jwk()], algorithms=algorithms)


@pytest.mark.spec("RFC 8725", "3.2", "none is no algorithm")
@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", None, 7, ["RS256"]])
def test_unsigned_jwt_is_refused_even_where_it_is_pinned(alg):
    token = f"{part({'alg': alg})}.{part(CLAIMS)}."
    with pytest.raises(JoseError, match="algorithm is not accepted"):
        jose.verify(token, [rs256_jwk()], algorithms=["RS256", "none", "None", "NONE", ""])


def test_jwt_without_an_algorithm_is_refused():
    with pytest.raises(JoseError, match="algorithm is not accepted"):
        jose.verify(f"{part({'typ': 'JWT'})}.{part(CLAIMS)}.AAAA", [rs256_jwk()], algorithms=["RS256"])


@pytest.mark.spec("RFC 8725", "2.1", "a public key is never an HMAC secret")
def test_hmac_is_refused_even_where_it_is_pinned():
    token = signed(b"x" * 64, "HS256")
    with pytest.raises(JoseError, match="algorithm is not accepted"):
        jose.verify(token, [{"kty": "oct", "k": base64url(b"x" * 64)}, rs256_jwk()], algorithms=["HS256", "RS256"])


@pytest.mark.spec("RFC 7515", "4.1.11", "crit is refused")
@pytest.mark.parametrize("crit", [["exp"], ["b64"], [], None])
def test_critical_header_is_refused(crit):
    token = f"{part({'alg': 'RS256', 'crit': crit})}.{part(CLAIMS)}.AAAA"
    with pytest.raises(JoseError, match="critical header"):
        jose.verify(token, [rs256_jwk()], algorithms=["RS256"])


@pytest.mark.spec("RFC 7797", "3", "an unencoded payload is refused")
def test_unencoded_payload_is_refused():
    token = f"{part({'alg': 'RS256', 'b64': False})}.{part(CLAIMS)}.AAAA"
    with pytest.raises(JoseError, match="not encoded"):
        jose.verify(token, [rs256_jwk()], algorithms=["RS256"])


@pytest.mark.spec("RFC 8725", "3.11", "the type is explicit where types could be confused")
@pytest.mark.parametrize(
    ("typ", "types", "accepted"),
    [
        ("JWT", ["JWT"], True),
        ("jwt", ["JWT"], True),
        ("application/jwt", ["JWT"], True),
        ("at+jwt", ["JWT"], False),
        ("logout+jwt", ["JWT"], False),
        ("application/at+JWT", ["at+jwt"], True),
        ("JWT", ["at+jwt"], False),
        ("", ["JWT"], False),
        (7, ["JWT"], False),
    ],
)
def test_type_is_accepted_when_it_is_one_of_the_expected(typ, types, accepted):
    header, claims = part({"alg": "RS256", "typ": typ}), part(CLAIMS)
    signature = base64url(
        jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(f"{header}.{claims}".encode(), RSA_KEY)
    )
    token = f"{header}.{claims}.{signature}"
    if accepted:
        assert jose.verify(token, [rs256_jwk()], algorithms=["RS256"], types=types).claims == CLAIMS
    else:
        with pytest.raises(JoseError, match="type is not accepted"):
            jose.verify(token, [rs256_jwk()], algorithms=["RS256"], types=types)


def test_absent_type_is_accepted():
    token = signed(header={"typ": None})
    assert "typ" not in jose.parse(token)[0]
    assert jose.verify(token, [rs256_jwk()], algorithms=["RS256"]).kid == "1"


@pytest.mark.spec("RFC 8725", "3.10", "a key inside the header is not believed")
def test_key_in_the_header_is_ignored():
    attacker = rsa.generate_private_key(65537, 2048)
    jwk = jose.public_jwk(attacker, alg="RS256", kid="1")
    token = signed(
        attacker, header={"kid": "1", "jwk": jwk, "jku": "https://evil.example", "x5u": "https://evil.example"}
    )
    with pytest.raises(JoseError, match="signature does not hold"):
        jose.verify(token, [rs256_jwk()], algorithms=["RS256"])


# Choosing a key


@pytest.mark.spec("OIDC Core", "10.1", "kid chooses the key")
def test_kid_chooses_among_keys():
    other = rsa.generate_private_key(65537, 2048)
    jwks = [jose.public_jwk(other, alg="RS256", kid="2"), rs256_jwk()]
    assert jose.verify(signed(header={"kid": "1"}), jwks, algorithms=["RS256"]).kid == "1"


@pytest.mark.spec("OIDC Core", "10.1.1", "an unknown kid is told from a wrong signature")
@pytest.mark.parametrize("kid", ["3", ""])
def test_unknown_kid_asks_for_a_new_key_set(kid):
    with pytest.raises(NoMatchingKey):
        jose.verify(signed(header={"kid": kid}), [rs256_jwk()], algorithms=["RS256"])


@pytest.mark.spec("OIDC Core", "10.1", "without a kid the one fitting key is used, or each is tried")
def test_without_a_kid_each_fitting_key_is_tried():
    others = [jose.public_jwk(key, alg=alg, kid=alg) for alg, key in KEYS.items() if key is not RSA_KEY]
    another = jose.public_jwk(rsa.generate_private_key(65537, 2048), alg="RS256", kid="2")
    verified = jose.verify(signed(), [*others, another, rs256_jwk()], algorithms=["RS256"])
    assert verified.kid == "1"


def test_key_without_a_kid_verifies_and_has_no_name():
    jwk = rs256_jwk()
    del jwk["kid"], jwk["alg"], jwk["use"]
    assert jose.verify(signed(), [jwk], algorithms=["RS256"]).kid == ""


@pytest.mark.spec("RFC 7517", "4", "use, key_ops and alg of a key are obeyed")
@pytest.mark.parametrize(
    "members",
    [
        {"use": "enc"},
        {"use": ""},
        {"use": None},
        {"key_ops": ["encrypt"]},
        {"key_ops": "verify"},
        {"alg": "RS512"},
        {"alg": "PS256"},
        {"alg": None},
        {"kty": "EC"},
        {"kty": None},
    ],
)
def test_key_for_another_use_does_not_fit(members):
    with pytest.raises(NoMatchingKey):
        jose.verify(signed(), [rs256_jwk(**members)], algorithms=["RS256"])


@pytest.mark.spec("RFC 7517", "4.3", "key_ops with verify fits")
def test_key_for_verifying_fits():
    assert jose.verify(signed(), [rs256_jwk(key_ops=["verify"])], algorithms=["RS256"])


@pytest.mark.spec("RFC 7518", "3.4", "each ECDSA algorithm has its curve")
@pytest.mark.parametrize(
    ("alg", "key_of"), [("ES256", "ES384"), ("ES384", "ES256"), ("ES512", "EdDSA"), ("EdDSA", "ES256")]
)
def test_key_on_another_curve_does_not_fit(alg, key_of):
    jwk = {**jose.public_jwk(KEYS[key_of], alg=alg), "kid": "1"}
    with pytest.raises(NoMatchingKey):
        jose.verify(signed(KEYS[alg], alg, header={"kid": "1"}), [jwk], algorithms=[alg])


@pytest.mark.spec("RFC 8725", "3.5", "weak keys are refused")
def test_weak_rsa_key_verifies_nothing():
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505  the weak key is the case
    jwk = jose.public_jwk(weak, alg="RS256", kid="1")
    header, claims = part({"alg": "RS256", "kid": "1"}), part(CLAIMS)
    algorithm = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256)
    token = f"{header}.{claims}.{base64url(algorithm.sign(f'{header}.{claims}'.encode(), weak))}"
    with pytest.raises(JoseError, match="signature does not hold"):
        jose.verify(token, [jwk], algorithms=["RS256"])


# Reading


@pytest.mark.spec("RFC 7519", "7.2", "a JWT has three base64url parts of strict JSON")
@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("", "three parts"),
        ("a.b", "three parts"),
        ("a.b.c.d", "three parts"),
        ("a.b.c.d.e", "encrypted"),
        ("a" * (jose.MAX_JWT + 1), "too long"),
        ("!.e30.", "base64url"),
        ("e30=.e30.", "base64url"),
        ("e3 0.e30.", "base64url"),
        ("e30\n.e30.", "base64url"),
        ("e31.e30.", "base64url"),
        ("é.e30.", "base64url"),
        ("a.e30.", "base64url"),
        (".e30.", "well-formed JSON"),
        (f"{base64url(b'[]')}.e30.", "no JSON object"),
        (f"{base64url(b'null')}.e30.", "no JSON object"),
    ],
)
def test_malformed_jwt_is_refused(token, reason):
    with pytest.raises(JoseError, match=reason):
        jose.parse(token)


@pytest.mark.spec("RFC 8259", "4", "JSON is read strictly")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b'{"a":1,"a":2}', id="duplicate member"),
        pytest.param(b'{"a":{"b":1,"b":1}}', id="duplicate member inside"),
        pytest.param(b'{"a":NaN}', id="NaN"),
        pytest.param(b'{"a":-Infinity}', id="Infinity"),
        pytest.param(b'{"a":1e999}', id="number that becomes infinite"),
        pytest.param(b'{"a":' + b"1" * 5000 + b"}", id="number of 5000 digits"),
        pytest.param(b"[" * 100_000, id="deep nesting"),
        pytest.param(b'{"a":' * 100_000, id="deep nesting of objects"),
        pytest.param(b"{'a':1}", id="single quotes"),
        pytest.param(b'{"a":1} x', id="something after it"),
        pytest.param(b'{"a":"\xff"}', id="not UTF-8"),
        pytest.param('{"a":1}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b'\xef\xbb\xbf{"a":1}', id="byte order mark"),
        pytest.param(b'{"a":"\\ud800"}', id="half a surrogate pair"),
        pytest.param(b'{"a":"\\uDFFF\\ud83d"}', id="a surrogate pair the wrong way round"),
        pytest.param(b"", id="empty"),
        pytest.param(b'"text"', id="no object"),
    ],
)
def test_json_that_is_not_strict_is_refused(text):
    with pytest.raises(JoseError):
        jose.strict_json_object(text)


@pytest.mark.spec("RFC 8259", "4", "JSON is read strictly")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"{}", {}),
        (b' {"a": [1, 1.5e3, "\\u00e9", null, true]} ', {"a": [1, 1500.0, "é", None, True]}),
        ('{"a":"é\U0001f600"}'.encode(), {"a": "é\U0001f600"}),
        (b'{"a":"\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        (b'{"a":"\\\\ud800"}', {"a": "\\ud800"}),
    ],
)
def test_strict_json_is_read(text, value):
    assert jose.strict_json_object(text) == value


@given(st.binary(max_size=80) | st.from_regex(rb'\{"[a\\u]{0,4}":[0-9e"\\ud\[]{0,20}\}', fullmatch=True))
def test_any_octets_are_an_object_or_a_jose_error(octets):
    with suppress(JoseError):
        assert isinstance(jose.strict_json_object(octets), dict)


@given(st.text(max_size=80))
def test_any_text_is_refused_with_a_jose_error(text):
    with pytest.raises(JoseError):
        jose.verify(text, [rs256_jwk()], algorithms=["RS256"])


# Hashes


@pytest.mark.spec("OIDC Core", "3.1.3.6", "at_hash is the left half of the hash")
def test_hashes_equal_the_examples_of_appendix_a():
    # OIDC Core A.3 and A.4
    assert jose.left_half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", "RS256") == "77QmUPtjPfzWtF2AnpK9RQ"
    assert (
        jose.left_half_hash("Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk", "RS256")
        == "LDktKdoQak3Pk0cnXxCltA"
    )


@pytest.mark.spec("OIDC Core", "3.1.3.6", "at_hash is the left half of the hash")
@pytest.mark.parametrize(
    ("alg", "characters"), [("RS256", 22), ("PS384", 32), ("ES512", 43), ("EdDSA", 43), ("ES256", 22), ("RS384", 32)]
)
def test_hash_has_half_the_length_of_the_algorithms_hash(alg, characters):
    assert len(jose.left_half_hash("token", alg)) == characters


@pytest.mark.spec("OIDC Core", "3.1.3.6", "an unknown hash fails closed")
@pytest.mark.parametrize("alg", ["HS256", "none", "", "XX256", "RS1"])
def test_algorithm_without_a_known_hash_is_refused(alg):
    with pytest.raises(JoseError, match="no known hash"):
        jose.left_half_hash("token", alg)


def test_hash_of_what_is_not_ascii_is_refused():
    with pytest.raises(JoseError, match="not ASCII"):
        jose.left_half_hash("tokén", "RS256")


# Keys


@pytest.mark.spec("RFC 7638", "3.1", "example of a thumbprint")
def test_thumbprint_equals_the_example():
    jwk = {
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3o"
        "knjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qM"
        "QvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKn"
        "qDKgw",
        "e": "AQAB",
        "alg": "RS256",
        "kid": "2011-04-29",
    }
    assert jose.thumbprint(jwk) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


@pytest.mark.spec("RFC 8037", "A.3", "example of an Ed25519 thumbprint")
def test_thumbprint_of_ed25519_equals_the_example():
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    assert jose.thumbprint(jwk) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@pytest.mark.spec("RFC 7517", "4", "a published key holds public members alone")
@pytest.mark.parametrize("alg", KEYS)
def test_published_key_holds_no_private_member(alg):
    jwk = jose.public_jwk(KEYS[alg], alg=alg)
    assert set(jwk) <= {"kty", "crv", "n", "e", "x", "y", "use", "alg", "kid"}
    assert (jwk["use"], jwk["alg"], jwk["kid"]) == ("sig", alg, jose.thumbprint(jwk))
    assert jose.public_jwk(KEYS[alg].public_key(), alg=alg, kid="x")["kid"] == "x"


@pytest.mark.spec("RFC 7517", "5", "keys that cannot be used are left out of a set")
@pytest.mark.parametrize(
    "unusable",
    [
        "text",
        None,
        {},
        {"kty": "oct", "k": "AAAA"},
        {"kty": "XYZ"},
        {"kty": ["RSA"]},
        {"kty": "RSA"},
        {"kty": "RSA", "n": 7, "e": "AQAB"},
        {"kty": "RSA", "n": "!", "e": "AQAB"},
        {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"},
        {"kty": "EC", "crv": "P-1", "x": "AAAA", "y": "AAAA"},
        {"kty": "EC"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"},
        {"kty": "OKP", "crv": "X25519", "x": "hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo"},
        {"kty": "OKP"},
        rs256_jwk(use="enc"),
        rs256_jwk(key_ops=["sign"]),
        jose.public_jwk(rsa.generate_private_key(65537, 1024), alg="RS256"),  # noqa: S505  the weak key is the case
    ],
)
def test_unusable_key_is_left_out_and_the_good_one_stays(unusable):
    good = rs256_jwk()
    assert jose.usable_keys({"keys": [unusable, good]}) == [good]


@pytest.mark.parametrize("alg", KEYS)
def test_published_key_is_usable(alg):
    jwk = jose.public_jwk(KEYS[alg], alg=alg)
    assert jose.usable_keys({"keys": [jwk]}) == [jwk]


@pytest.mark.spec("RFC 7517", "5", "a key set has an array of keys")
@pytest.mark.parametrize("document", [{}, {"keys": None}, {"keys": {}}, {"keys": "x"}])
def test_document_without_keys_is_no_key_set(document):
    with pytest.raises(JoseError, match="no JWK Set"):
        jose.usable_keys(document)


def test_key_set_has_a_largest_size():
    assert jose.usable_keys({"keys": [{}] * 100}) == []
    with pytest.raises(JoseError, match="more than 100 keys"):
        jose.usable_keys({"keys": [{}] * 101})
    with pytest.raises(JoseError, match="more than 2 keys"):
        jose.usable_keys({"keys": [{}] * 3}, at_most=2)


def test_errors_and_reprs_hold_nothing_of_the_token():
    token = signed(claims={"secret": "s3cr3t"})
    assert "s3cr3t" not in repr(jose.verify(token, [rs256_jwk()], algorithms=["RS256"]))
    with pytest.raises(JoseError) as caught:
        jose.verify(token, [rs256_jwk()], algorithms=["ES256"])
    assert token[:20] not in str(caught.value)
