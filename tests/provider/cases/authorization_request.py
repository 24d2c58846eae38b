"""AZ: the authorization request."""

import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.urls import reverse

from codeflow.core import jose
from codeflow.provider import keys
from codeflow.provider.models import AuthorizationCode, Consent, ProviderSession
from tests.provider.cases.table import case
from tests.provider.cases.world import (
    World,
    assert_code,
    assert_consent,
    assert_page,
    assert_redirect,
    assert_sign_in,
)
from tests.provider.exchange import FORM, ISSUER, Browser, answer_in, tokens_for
from tests.provider.factories import SCOPE, ClientFactory, UserFactory


@case("AZ-01")
def client_id_missing(world: World) -> None:
    assert_page(world.ask(client_id=None)[1])
    assert_page(world.ask(client_id="")[1])
    assert_page(Browser().authorize(world.party.request(client_id=None)))


@case("AZ-02")
def client_id_unknown_looks_like_a_disabled_one(world: World) -> None:
    unknown = world.ask(client_id="nobody")[1]
    assert_page(unknown)
    world.party.row.is_active = False
    world.party.row.save()
    disabled = world.ask()[1]
    assert_page(disabled)
    before = "codeflow-reference"
    assert unknown.text.split(before)[0] == disabled.text.split(before)[0]
    assert_page(Browser().authorize(world.party.request(client_id="nobody")))


@case("AZ-03")
def client_that_goes_while_the_consent_page_is_open(world: World) -> None:
    for end in (_disable, _delete):
        party = type(world.party)(ClientFactory())
        world.ask(party)
        end(party.row)
        assert_page(world.browser.allow())
        assert_page(world.browser.authorize(party.request()))


def _disable(row) -> None:
    row.is_active = False
    row.save()


def _delete(row) -> None:
    row.delete()


@case("AZ-05")
def repeated_parameters(world: World) -> None:
    asked = world.party.request(prompt="login", max_age="1", claims="{}")
    for name in (
        "scope",
        "nonce",
        "prompt",
        "code_challenge",
        "code_challenge_method",
        "response_type",
        "max_age",
        "claims",
    ):
        answer = world.ask_raw(urlencode([*asked.items(), (name, asked[name])]))
        assert_redirect(answer, asked, "invalid_request")
    for name in ("client_id", "redirect_uri", "state"):
        assert_page(world.ask_raw(urlencode([*asked.items(), (name, asked[name])])))
    assert_redirect(world.ask_raw(urlencode([*asked.items(), ("nonce", "")])), asked, "invalid_request")


@case("AZ-06")
def response_type_missing(world: World) -> None:
    asked, answer = world.ask(response_type=None)
    assert_redirect(answer, asked, "invalid_request", "unsupported_response_type")


@case("AZ-07", "AZ-08", "AZ-09")
def other_response_types(world: World) -> None:
    others = ["Code", "CODE", "token", "id_token", "id_token token", "code token", "code id_token", "none"]
    for response_type in [*others, "", "garbage", "code code", "code+code", " code", "code "]:
        asked, answer = world.ask(response_type=response_type)
        assert_redirect(answer, asked, "unsupported_response_type", "invalid_request", "unauthorized_client")


@case("AZ-10", "AZ-11")
def scope_missing_or_empty(world: World) -> None:
    for scope in (None, "", " "):
        asked, answer = world.ask(scope=scope)
        assert_redirect(answer, asked, "invalid_scope")
    asked = world.party.request(scope=None)
    assert_redirect(world.ask_raw(f"{urlencode(asked)}&scope="), asked, "invalid_scope")


@case("AZ-12")
def unknown_scope(world: World) -> None:
    asked, answer = world.ask(scope="openid no.such.scope")
    assert_consent(answer)
    code = assert_code(world.browser.allow(), asked)
    assert world.party.redeem(code).json()["scope"] == "openid"
    AuthorizationCode.objects.all().delete()
    asked, answer = world.ask(scope="notes.read no.such.scope")
    assert_redirect(answer, asked, "invalid_scope")


@case("AZ-13")
def scope_that_this_client_may_not_ask_for(world: World) -> None:
    asked, answer = world.ask(scope="openid notes.write")
    assert_redirect(answer, asked, "invalid_scope")


@case("AZ-14")
def malformed_scope(world: World) -> None:
    for scope in (
        'openid "',
        "openid \\",
        "openid\x00",
        "openid é",
        "openid\tprofile",
        "openid\nprofile",
        "openid  profile",
    ):
        asked, answer = world.ask(scope=scope)
        assert_redirect(answer, asked, "invalid_scope", "invalid_request")


@case("AZ-15")
def many_scopes(world: World) -> None:
    began = time.perf_counter()
    asked, answer = world.ask(scope=" ".join(["openid"] * 500))
    assert_consent(answer)
    assert answer.text.count("scope-openid") == 1
    asked, answer = world.ask(scope=" ".join(["openid"] * 2000))
    assert_redirect(answer, asked, "invalid_scope", "invalid_request")
    asked, answer = world.ask(scope=" ".join(f"scope{number}" for number in range(5000)))
    assert_redirect(answer, asked, "invalid_scope", "invalid_request")
    assert time.perf_counter() - began < 5


@case("AZ-18")
def state_with_markup(world: World) -> None:
    state = '"><script>alert(1)</script>'
    asked, answer = world.ask(state=state, prompt="bogus")
    assert_redirect(answer, asked, "invalid_request")
    asked, answer = world.ask(state=state)
    assert_consent(answer)
    assert "<script>" not in answer.text
    assert_code(world.browser.allow(), asked)
    AuthorizationCode.objects.all().delete()
    asked, answer = world.ask(state=state, response_mode="form_post")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    AuthorizationCode.objects.all().delete()
    assert_page(world.ask(state=state, redirect_uri="https://evil.example/")[1])


@case("AZ-20")
def malformed_percent_encoding(world: World) -> None:
    AuthorizationCode.objects.all().delete()
    for broken in ("state=%zz", "state=%", "state=%f", "%zz=1", "state=%ff", "state=%c3%28", "state=%ed%a0%80"):
        assert_page(world.ask_raw(f"{world.query(state=None)}&{broken}"))


@case("AZ-21")
def state_absent(world: World) -> None:
    asked, _ = world.ask(state=None)
    world.browser.allow()
    assert "state" not in answer_in(world.browser.location)
    assert_code(world.browser.page, asked)
    AuthorizationCode.objects.all().delete()
    asked, answer = world.ask(state=None, prompt="bogus")
    assert_redirect(answer, asked, "invalid_request")


@case("AZ-23")
def long_nonces(world: World) -> None:
    for length in (64, 384, 2000):
        tokens = world.tokens(nonce="n" * length)
        assert jose.parse(tokens["id_token"])[1]["nonce"] == "n" * length
    AuthorizationCode.objects.all().delete()
    asked, answer = world.ask(nonce="n" * 5000)
    assert_redirect(answer, asked, "invalid_request")


@case("AZ-27")
def max_age_of_a_fresh_session(world: World) -> None:
    first = jose.parse(world.tokens()["id_token"])[1]
    world.clock.advance(seconds=30)
    asked, answer = world.ask(max_age="10000")
    second = jose.parse(world.party.redeem(assert_code(answer, asked)).json()["id_token"])[1]
    assert second["auth_time"] == first["auth_time"]


@case("AZ-30")
def prompt_none_with_session_and_consent(world: World) -> None:
    first = jose.parse(world.tokens()["id_token"])[1]
    asked, answer = world.ask(prompt="none")
    second = jose.parse(world.party.redeem(assert_code(answer, asked)).json()["id_token"])[1]
    assert (second["sub"], second["auth_time"]) == (first["sub"], first["auth_time"])


@case("AZ-33", "AZ-34")
def prompt_login_is_proved_by_a_sign_in(world: World) -> None:
    world.code()
    AuthorizationCode.objects.all().delete()
    asked, answer = world.ask(prompt="login")
    assert_sign_in(answer)
    back = world.browser.form("codeflow-login").fields["next"]
    assert_sign_in(world.browser.open(back))  # followed without signing in
    assert not AuthorizationCode.objects.exists()
    world.clock.advance(seconds=2)
    assert_code(world.browser.log_in(world.user), asked)


@case("AZ-35")
def one_sign_in_answers_one_prompt_login(world: World) -> None:
    world.code()
    asked, _ = world.ask(prompt="login")
    back = world.browser.form("codeflow-login").fields["next"]
    world.clock.advance(seconds=2)
    assert_code(world.browser.log_in(world.user), asked)
    assert_sign_in(world.browser.open(back))  # Back: asked once more, no endless loop
    assert_sign_in(world.ask(prompt="login")[1])
    world.clock.advance(seconds=2)
    assert answer_in(world.browser.log_in(world.user).headers["Location"])["code"]


@case("AZ-36")
def prompt_consent_always_asks(world: World) -> None:
    world.code()
    assert_consent(world.ask(prompt="consent")[1])
    world.party.row.skip_authorization = True
    world.party.row.save()
    assert_consent(world.ask(prompt="consent")[1])


@case("AZ-37")
def prompt_select_account(world: World) -> None:
    world.code()
    AuthorizationCode.objects.all().delete()
    asked, answer = world.ask(prompt="select_account")
    assert_sign_in(answer)
    world.clock.advance(seconds=2)
    assert_code(world.browser.log_in(world.user), asked)


@case("AZ-38")
def prompt_unknown(world: World) -> None:
    for prompt in ("bogus", "none login", "login bogus", "create"):
        asked, answer = world.ask(prompt=prompt)
        assert_redirect(answer, asked, "invalid_request")


@case("AZ-40", "AZ-41")
def id_token_hint_of_somebody_else(world: World) -> None:
    other = Browser()
    other.force_sign_in(UserFactory())
    hint = tokens_for(other, world.party)["id_token"]
    world.code()
    AuthorizationCode.objects.all().delete()
    asked, answer = world.ask(id_token_hint=hint, prompt="none")
    assert_redirect(answer, asked, "login_required")
    asked, answer = world.ask(id_token_hint=hint)
    assert_sign_in(answer)
    world.clock.advance(seconds=2)
    assert_redirect(world.browser.log_in(world.user), asked, "login_required")


@case("AZ-42")
def id_token_hint_that_is_none_of_ours(world: World) -> None:
    genuine = world.tokens()["id_token"]
    header, payload, signature = genuine.split(".")
    claims = jose.parse(genuine)[1]
    public = jwt.PyJWK(keys.published_jwks()[0]).key
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    foreign = keys._generate("ES256")
    hs256 = jwt.utils.base64url_encode(json.dumps({"alg": "HS256"}).encode()).decode()
    signing_input = f"{hs256}.{payload}".encode()
    mac = jwt.utils.base64url_encode(hmac.new(pem, signing_input, hashlib.sha256).digest()).decode()
    other_issuer = jose.sign(
        {**claims, "iss": "https://other.example"},
        keys.signing_key("RS256").private_key,
        alg="RS256",
        kid=keys.signing_key("RS256").kid,
    )
    none = jwt.utils.base64url_encode(b'{"alg":"none"}').decode()
    AuthorizationCode.objects.all().delete()
    for hint in (
        "garbage",
        "a.b.c",
        f"{none}.{payload}.",
        f"{none}.{payload}.{signature}",
        f"{hs256}.{payload}.{mac}",
        f"{header}.{payload}.{signature[:-4]}AAAA",
        jose.sign(claims, foreign, alg="ES256", kid="x"),
        other_issuer,
        "x" * 20_000,
    ):
        asked, answer = world.ask(id_token_hint=hint)
        assert_redirect(answer, asked, "invalid_request")


@case("AZ-43")
def id_token_hint_that_is_old(world: World) -> None:
    hint = world.tokens()["id_token"]
    world.clock.advance(days=2)
    asked, answer = world.ask(id_token_hint=hint)
    assert_code(answer, asked)


@case("AZ-44")
def login_hint(world: World) -> None:
    other = UserFactory(username="somebody-else")
    for hint in ('"><script>alert(1)</script>', "x" * 10_000, other.username, "\u202eevil"):
        browser = Browser()
        answer = browser.authorize(world.party.request(login_hint=hint))
        assert_sign_in(answer)
        assert "<script>" not in answer.text
        assert len(browser.form("codeflow-login").fields["username"]) <= 254
    unknown = Browser().authorize(world.party.request(login_hint="nobody-at-all"))
    known = Browser().authorize(world.party.request(login_hint=other.username))
    assert abs(len(unknown.text) - len(known.text)) < 60  # the hint and the request differ, nothing else


@case("AZ-45")
def harmless_parameters(world: World) -> None:
    world.code()
    for display in ("popup", "page", "touch", "xyz"):
        asked, answer = world.ask(display=display, ui_locales="se", claims_locales="se", acr_values="1 2")
        assert_code(answer, asked)


@case("AZ-46")
def essential_acr_that_cannot_be_met(world: World) -> None:
    world.code()
    AuthorizationCode.objects.all().delete()
    claims = json.dumps({"id_token": {"acr": {"essential": True, "values": ["urn:mfa"]}}})
    failed = ("unmet_authentication_requirements", "interaction_required", "login_required", "access_denied")
    asked, answer = world.ask(claims=claims, prompt="none")
    assert_redirect(answer, asked, *failed)
    asked, answer = world.ask(claims=claims)
    if "Location" not in answer.headers:
        world.clock.advance(seconds=2)
        answer = world.browser.log_in(world.user)
    assert_redirect(answer, asked, *failed)


@case("AZ-47", "DO-06")
def malformed_claims_parameter(world: World) -> None:
    for claims in (
        "{",
        "[]",
        "1",
        '{"userinfo": []}',
        '{"userinfo": {"email": 1}}',
        '{"userinfo": {}, "userinfo": {}}',
        '{"userinfo": {"email": {"value": NaN}}}',
        '{"userinfo":' + "[" * 5000 + "]" * 5000 + "}",
        '{"a":' * 3000 + "1" + "}" * 3000,
        '{"userinfo": {"x": "\\ud800"}}',
        '{"userinfo": {"x": {"value": ' + "9" * 5000 + "}}}",
        '{"userinfo": {"x": {"value": 1e999}}}',
    ):
        asked, answer = world.ask(claims=claims)
        assert_redirect(answer, asked, "invalid_request")
    assert world.ask(claims='{"userinfo":' + " " * 1_000_000 + "{}}")[1].status_code in (400, 413, 414)


@case("AZ-48")
def claims_ask_for_another_person(world: World) -> None:
    world.code()
    AuthorizationCode.objects.all().delete()
    for where in ("id_token", "userinfo"):
        claims = json.dumps({where: {"sub": {"value": "999999"}}})
        asked, answer = world.ask(claims=claims, prompt="none")
        assert_redirect(answer, asked, "login_required")
    claims = json.dumps({"id_token": {"sub": {"value": str(world.user.pk)}}})
    asked, answer = world.ask(claims=claims, prompt="none")
    assert_code(answer, asked)


@case("AZ-50", "AZ-51", "AZ-52", "PA-03", "PA-04", "JW-15")
def request_objects(world: World) -> None:
    unsigned = "eyJhbGciOiJub25lIn0.eyJyZXNwb25zZV90eXBlIjoiY29kZSJ9."
    for name, value, error in (
        ("request", unsigned, "request_not_supported"),
        ("request_uri", "https://169.254.169.254/", "request_uri_not_supported"),
        ("request_uri", "urn:ietf:params:oauth:request_uri:abc", "request_uri_not_supported"),
        ("registration", "{}", "registration_not_supported"),
    ):
        asked, answer = world.ask(**{name: value})
        assert_redirect(answer, asked, error)


@case("AZ-56")
def response_mode_unknown(world: World) -> None:
    for mode in ("zzz", "fragment", "web_message", "query.jwt"):
        asked, answer = world.ask(response_mode=mode)
        assert_redirect(answer, asked, "invalid_request")


@case("AZ-57", "AZ-64")
def unknown_parameters_are_ignored(world: World) -> None:
    asked, answer = world.ask(extra="foobar", approval_prompt="auto")
    assert_consent(answer)
    assert_code(world.browser.allow(), asked)
    asked, answer = world.ask(approval_prompt="force")
    assert_code(answer, asked)


@case("AZ-58")
def request_by_post(world: World) -> None:
    asked = world.party.request()
    answer = world.browser.transport.send(
        "POST", "/o/authorize/", body=urlencode(asked), headers={"Content-Type": FORM, "Origin": "https://rp.example"}
    )
    world.browser.page = answer
    assert_consent(answer)
    world.browser.address = "/o/authorize/"
    assert_code(world.browser.allow(), asked)


@case("AZ-59")
def request_by_post_without_session(world: World) -> None:
    asked = world.party.request()
    browser = Browser()
    assert_sign_in(browser.post("/o/authorize/", asked, Origin="https://rp.example"))
    assert_consent(browser.log_in(world.user))
    assert_code(browser.allow(), asked)


@case("AZ-60", "AZ-61")
def other_methods(world: World) -> None:
    world.code()
    AuthorizationCode.objects.all().delete()
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "HEAD", "BREW"):
        answer = world.browser.transport.send(method, f"/o/authorize/?{world.query()}", headers={})
        assert answer.status_code == 405
    assert not AuthorizationCode.objects.exists()


@case("AZ-62")
def other_media_types(world: World) -> None:
    asked = world.party.request()
    multipart = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in asked.items()
    )
    for media_type, body in (
        ("application/json", json.dumps(asked)),
        ("multipart/form-data; boundary=b", f"{multipart}--b--\r\n"),
        ("text/plain", urlencode(asked)),
    ):
        answer = world.browser.transport.send("POST", "/o/authorize/", body=body, headers={"Content-Type": media_type})
        assert_page(answer, status=answer.status_code)
        assert answer.status_code in (400, 415)


@case("AZ-63")
def resource_that_is_not_permitted(world: World) -> None:
    world.settings.CODEFLOW_PROVIDER = {"RESOURCES": ["https://api.example/"]}
    for resource in ("api", "https://api.example/#f", "https://other.example/", "/relative"):
        asked, answer = world.ask(resource=resource)
        assert_redirect(answer, asked, "invalid_target")
    asked, answer = world.ask(resource="https://api.example/")
    assert_consent(answer)


@case("AZ-66")
def success_carries_iss(world: World) -> None:
    asked, _ = world.ask()
    answer = world.browser.allow()
    assert_code(answer, asked)
    assert answer_in(answer.headers["Location"])["iss"] == ISSUER


@case("AZ-67", "AZ-68")
def every_error_carries_iss_and_a_clean_description(world: World) -> None:
    dirty = 'x\r\nSet-Cookie: a=b\t"\\é'
    for changes in (
        {"response_type": dirty},
        {"scope": dirty},
        {"scope": "no\x7fscope"},
        {"scope": "nö"},
        {"prompt": "none", "max_age": "0"},
        {"prompt": dirty},
        {"max_age": dirty},
        {"nonce": dirty},
        {"response_mode": "zzz é"},
        {"code_challenge": dirty},
        {"login_hint": dirty},
    ):
        asked, answer = world.ask(**changes)
        found = answer_in(answer.headers["Location"])
        assert_redirect(answer, asked, found["error"])
        assert "\r" not in answer.headers["Location"]


@case("AZ-71")
def session_of_a_disabled_person(world: World) -> None:
    world.code()
    AuthorizationCode.objects.all().delete()
    world.user.is_active = False
    world.user.save()
    assert_sign_in(world.ask()[1])
    asked, answer = world.ask(prompt="none")
    assert_redirect(answer, asked, "login_required")


@case("AZ-72")
def too_many_parameters(world: World) -> None:
    assert_page(world.ask_raw(world.query() + "".join(f"&p{number}=1" for number in range(3000))))
    answer = world.ask_raw(world.query() + "&x=" + "y" * 200_000)
    assert_page(answer, status=answer.status_code)
    assert answer.status_code in (400, 413, 414)


@case("AZ-73")
def resume_address_is_sealed(world: World) -> None:
    browser = Browser()
    evil = ClientFactory(redirect_uris="https://evil.example/cb")
    asked = world.party.request()
    browser.authorize(asked)
    back = browser.form("codeflow-login").fields["next"]
    swapped = f"{back}&redirect_uri=https://evil.example/cb&client_id={evil.client_id}&scope=notes.write"
    world.browser.open(swapped)
    assert_consent(world.browser.page)
    assert_code(world.browser.allow(), asked)
    AuthorizationCode.objects.all().delete()
    for broken in (
        back.replace("resume=", "resume=A"),
        back[:-10],
        "/o/authorize/?resume=",
        "/o/authorize/?resume=%F0%9F%92%A9",
    ):
        assert_page(world.browser.open(broken))
    world.clock.advance(hours=2)
    assert_page(world.browser.open(back))


@case("AZ-74")
def two_tabs(world: World) -> None:
    first, _ = world.ask(state="one", nonce="nonce-one")
    form_one = world.browser.form("codeflow-consent")
    second, _ = world.ask(state="two", nonce="nonce-two")
    form_two = world.browser.form("codeflow-consent")
    answer_one = world.browser.post(form_one.action, {**form_one.fields, "allow": "yes"})
    code_one = assert_code(answer_one, first)
    answer_two = world.browser.post(form_two.action, {**form_two.fields, "allow": "yes"})
    code_two = assert_code(answer_two, second)
    for code, nonce in ((code_one, "nonce-one"), (code_two, "nonce-two")):
        assert jose.parse(world.party.redeem(code).json()["id_token"])[1]["nonce"] == nonce


@case("MX-09")
def no_cross_origin_reading_of_the_authorization_endpoint(world: World) -> None:
    world.party.row.allowed_origins = "https://spa.example"
    world.party.row.save()
    for method in ("GET", "OPTIONS", "POST"):
        answer = world.browser.transport.send(
            method,
            f"/o/authorize/?{world.query()}",
            headers={"Origin": "https://spa.example", "Access-Control-Request-Method": "POST"},
        )
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@case("MX-07")
def cross_site_request_needs_the_person(world: World) -> None:
    """A foreign page's form can begin the flow, but consent is asked of the person."""
    assert_consent(world.browser.post("/o/authorize/", world.party.request(), Origin="https://evil.example"))
    assert not AuthorizationCode.objects.exists()


@case("CN-09")
def stored_consent_is_not_stretched(world: World) -> None:
    world.settings.CODEFLOW_PROVIDER = {"RESOURCES": ["https://api.example/", "https://other.example/"]}
    world.code(scope="openid profile", resource="https://api.example/")
    asked, answer = world.ask(scope="openid", resource="https://api.example/")
    assert_code(answer, asked)
    assert_consent(world.ask(scope="openid email", resource="https://api.example/")[1])
    assert_consent(world.ask(scope="openid", resource="https://other.example/")[1])
    assert_consent(world.ask(type(world.party)(ClientFactory()), scope="openid")[1])
    native = type(world.party)(
        ClientFactory(public=True, redirect_uris="http://127.0.0.1/cb"),
        secret="",
        redirect_uri="http://127.0.0.1:5000/cb",
    )
    world.code(native, scope="openid")
    assert_consent(world.ask(native, scope="openid")[1])  # anybody on that machine can be this client
    assert Consent.objects.filter(user=world.user).count() == 2


@case("RF-15")
def offline_access_is_consented_once(world: World) -> None:
    asked, answer = world.ask(scope="openid offline_access")
    assert_consent(answer)
    code = assert_code(world.browser.allow(), asked)
    assert "refresh_token" in world.party.redeem(code).json()
    asked, answer = world.ask(scope="openid offline_access")
    assert "refresh_token" in world.party.redeem(assert_code(answer, asked)).json()


@case("DO-07", "CN-10", "CN-11")
def names_of_clients_are_shown_safely(world: World) -> None:
    row = world.party.row
    row.name = "<script>alert(1)</script>\u202eevil " + "x" * 200
    row.save()
    answer = world.ask()[1]
    assert_consent(answer)
    assert "<script>" not in answer.text
    assert "<bdi>" in answer.text
    assert "x" * 100 not in answer.text.partition("<h1>")[2].partition("</h1>")[0]
    assert "<img" not in answer.text


@case("AZ-69")
def plain_http_is_left_to_the_sites_redirect(world: World) -> None:
    world.settings.SECURE_SSL_REDIRECT = True
    answer = Browser().transport.client.get(f"/o/authorize/?{world.query()}")
    assert answer.status_code == 301
    assert answer.headers["Location"].startswith("https://")
    assert not ProviderSession.objects.exists()


@case("AZ-70")
def there_are_no_other_grants(world: World) -> None:
    for grant_type in ("client_credentials", "password", "implicit"):
        answer = world.party.post("/o/token/", {"grant_type": grant_type, "scope": SCOPE})
        assert answer.json()["error"] == "unsupported_grant_type"


@case("MX-10", "CN-24", "CN-25", "RG-01", "PA-01", "PA-02", "PA-06")
def only_the_endpoints_that_are_needed_exist(world: World) -> None:
    for path in (
        "applications/",
        "applications/register/",
        "applications/1/",
        "authorized_tokens/",
        "device/",
        "register/",
        "device-authorization/",
        "par/",
    ):
        for method in ("GET", "POST"):
            assert world.browser.transport.send(method, f"/o/{path}", headers={"Content-Type": FORM}).status_code == 404
    assert reverse("codeflow_provider:token_endpoint") == "/o/token/"
