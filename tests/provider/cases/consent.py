"""CN: sign-in, consent and the browser's session."""

from urllib.parse import urlencode

from django.conf import settings as django_settings

from codeflow.provider.models import AuthorizationCode, Consent
from tests.end_to_end.browser import forms_of
from tests.provider.cases.table import case
from tests.provider.cases.world import World, assert_code, assert_page, assert_redirect, assert_sign_in
from tests.provider.exchange import FORM, Browser, InProcess, answer_in
from tests.provider.factories import PASSWORD, ClientFactory, UserFactory


@case("CN-01")
def consent_without_csrf_token(world: World) -> None:
    world.ask()
    form = world.browser.form("codeflow-consent")
    fields = {**form.fields, "allow": "yes"}
    del fields["csrfmiddlewaretoken"]
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "https://testserver"}):
        answer = world.browser.transport.send(
            "POST", form.action, body=urlencode(fields), headers={"Content-Type": FORM, **headers}
        )
        assert answer.status_code == 403
    assert not AuthorizationCode.objects.exists()


@case("CN-03", "CN-04", "CN-05")
def posted_fields_widen_nothing(world: World) -> None:
    evil = ClientFactory(redirect_uris="https://evil.example/cb")
    asked, _ = world.ask(scope="openid")
    world.browser.submit(
        "codeflow-consent",
        button="yes",
        scope="openid notes.read notes.write",
        client_id=evil.client_id,
        redirect_uri="https://evil.example/cb",
        state="other",
        nonce="other",
        resource="https://api.example/",
        code_challenge="x" * 43,
    )
    code = assert_code(world.browser.page, asked)
    assert world.party.redeem(code).json()["scope"] == "openid"
    AuthorizationCode.objects.all().delete()
    world.ask(prompt="consent")
    form = world.browser.form("codeflow-consent")
    for decision in ("", "x", "\x00", "é" * 300, "x" * 5000):
        fields = {**form.fields, "decision": decision, "allow": "yes", "client_id": "nobody"}
        assert_page(world.browser.post("/o/consent/", fields))


@case("CN-06")
def denial(world: World) -> None:
    asked, _ = world.ask()
    assert_redirect(world.browser.deny(), asked, "access_denied")
    assert not Consent.objects.exists()
    asked, _ = world.ask()
    for value in ("", "maybe", "YES", "no"):
        if not world.browser.has_form("codeflow-consent"):
            asked, _ = world.ask()
        form = world.browser.form("codeflow-consent")
        assert_redirect(world.browser.post(form.action, {**form.fields, "allow": value}), asked, "access_denied")


@case("CN-07")
def replayed_decision(world: World) -> None:
    asked, _ = world.ask()
    form = world.browser.form("codeflow-consent")
    fields = {**form.fields, "allow": "yes"}
    assert_code(world.browser.post(form.action, fields), asked)
    answer = world.browser.post(form.action, fields)
    assert answer.status_code == 400
    assert AuthorizationCode.objects.count() == 1
    AuthorizationCode.objects.all().delete()
    world.clock.advance(minutes=11)
    world.ask(prompt="consent")
    world.clock.advance(minutes=11)
    assert_page(world.browser.allow())


@case("CN-08")
def session_that_changes_hands(world: World) -> None:
    world.ask()
    form = world.browser.form("codeflow-consent")
    other = UserFactory()
    world.browser.open("/o/login/?next=/o/login/")
    world.browser.log_in(other)
    world.browser.page = None
    world.browser.open("/o/login/")  # a fresh CSRF token for the same session
    answer = world.browser.post(
        form.action, {**form.fields, "allow": "yes", "csrfmiddlewaretoken": _token(world.browser)}
    )
    assert_page(answer)


@case("CN-27")
def stale_consent_page_after_sign_out(world: World) -> None:
    world.ask()
    page, address = world.browser.page, world.browser.address
    world.browser.open("/o/logout/")
    world.browser.submit("codeflow-logout")
    world.browser.page, world.browser.address = page, address
    answer = world.browser.allow()
    assert answer.status_code in (400, 403)
    assert not AuthorizationCode.objects.exists()
    assert "no-store" in page.headers["Cache-Control"]


def _token(browser: Browser) -> str:
    browser.open("/o/logout/")
    return next(
        form.fields["csrfmiddlewaretoken"] for form in forms_of(browser.page) if "csrfmiddlewaretoken" in form.fields
    )


@case("CN-12", "CN-13")
def headers_of_every_page(world: World) -> None:
    pages = {
        "consent": world.ask()[1],
        "form_post": None,
        "login": Browser().open("/o/login/"),
        "sign-in for a client": Browser().authorize(world.party.request()),
        "logout": world.browser.open("/o/logout/"),
        "error": world.browser.open("/o/authorize/"),
        "signed out": Browser().open("/o/logout/"),
    }
    world.ask(response_mode="form_post")
    pages["form_post"] = world.browser.allow()
    for name, answer in pages.items():
        assert answer.status_code in (200, 400), name
        assert answer.headers["X-Frame-Options"] == "DENY", name
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, name
        assert "frame-ancestors 'none'" in policy, name
        assert "base-uri 'none'" in policy, name
        assert "unsafe" not in policy, name
        assert "script-src" not in policy or name == "form_post", name
        assert "no-store" in answer.headers["Cache-Control"], name
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        body = answer.text.replace("</script>", "")
        assert "style=" not in body, name
        assert "<script>" not in body, name
        assert " onload=" not in body, name
        assert " onclick=" not in body, name
    for name in ("consent", "form_post", "sign-in for a client"):
        assert "form-action 'self' https://rp.example" in pages[name].headers["Content-Security-Policy"], name


@case("CN-16")
def session_fixation(world: World) -> None:
    browser = Browser()
    transport = browser.transport
    assert isinstance(transport, InProcess)
    session = transport.client.session
    session["planted"] = True
    session.save()
    transport.client.cookies[django_settings.SESSION_COOKIE_NAME] = session.session_key
    before = session.session_key
    browser.authorize(world.party.request())
    browser.log_in(world.user)
    after = transport.client.cookies[django_settings.SESSION_COOKIE_NAME].value
    assert after != before


@case("CN-17")
def sign_in_without_csrf_token(world: World) -> None:
    browser = Browser()
    browser.open("/o/login/")
    answer = browser.transport.send(
        "POST",
        "/o/login/",
        body=urlencode({"username": world.user.get_username(), "password": PASSWORD}),
        headers={"Content-Type": FORM, "Origin": "https://evil.example"},
    )
    assert answer.status_code == 403


@case("CN-20")
def session_cookie(world: World) -> None:
    world.settings.SESSION_COOKIE_SECURE = True
    browser = Browser()
    browser.open("/o/login/")
    answer = browser.transport.send(
        "POST",
        "/o/login/",
        body=urlencode(
            {**browser.form("codeflow-login").fields, "username": world.user.get_username(), "password": PASSWORD}
        ),
        headers={"Content-Type": FORM, "Origin": "https://testserver"},
    )
    cookie = answer.cookies[django_settings.SESSION_COOKIE_NAME]
    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@case("CN-21", "CN-22")
def redirects_after_a_post_are_303(world: World) -> None:
    world.ask()
    assert world.browser.allow().status_code == 303
    AuthorizationCode.objects.all().delete()
    world.ask(prompt="consent")
    assert world.browser.deny().status_code == 303
    asked = world.party.request()
    answer = Browser().transport.send("POST", "/o/authorize/", body=urlencode(asked), headers={"Content-Type": FORM})
    assert answer.status_code == 303
    answer = world.browser.transport.send(
        "POST", "/o/authorize/", body=urlencode(asked), headers={"Content-Type": FORM}
    )
    assert answer.status_code == 303
    browser = Browser()
    browser.open("/o/login/")
    fields = {**browser.form("codeflow-login").fields, "username": world.user.get_username(), "password": PASSWORD}
    answer = browser.transport.send(
        "POST", "/o/login/", body=urlencode(fields), headers={"Content-Type": FORM, "Origin": "https://testserver"}
    )
    assert answer.status_code == 303


@case("LO-16")
def prompt_none_after_sign_out(world: World) -> None:
    tokens = world.tokens()
    AuthorizationCode.objects.all().delete()
    world.browser.open("/o/logout/?" + urlencode({"id_token_hint": tokens["id_token"]}))
    asked, answer = world.ask(prompt="none")
    assert_redirect(answer, asked, "login_required")
    assert_sign_in(world.ask()[1])
    assert "code" not in answer_in(world.browser.location)
