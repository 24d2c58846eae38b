"""Test this client: every setting judged, a preview that issues nothing, and pasted requests explained."""

import json
import logging
from base64 import b64encode
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import jwt
import pytest
from django.apps import apps
from django.utils import timezone

from codeflow.provider.client_findings import findings_of
from codeflow.provider.models import AuditEvent, SigningKey
from tests.provider.admin.conftest import change, session_text, staff_with
from tests.provider.exchange import Party, tokens_for
from tests.provider.factories import (
    CHALLENGE,
    REDIRECT_URI,
    SECRET,
    VERIFIER,
    ClientFactory,
    ClientSecretFactory,
    CodeFactory,
    ConsentFactory,
)

pytestmark = pytest.mark.django_db


def page_url(client, name):
    return f"/admin/codeflow_provider/client/{client.pk}/{name}/"


def rows_of_everything():
    """How many rows each table of ours has."""
    models = apps.get_app_config("codeflow_provider").get_models()
    return {model.__name__: model._default_manager.count() for model in models}


def levels(client):
    return {(finding.check, finding.level) for finding in findings_of(client)}


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"is_active": False}, ("client", "note")),
        ({"redirect_uris": "http://shop.example/cb"}, ("client", "problem")),
        ({"redirect_uris": f"{REDIRECT_URI} {REDIRECT_URI}/"}, ("slash_twins", "note")),
        ({"redirect_uris": "http://localhost:8000/cb"}, ("localhost", "note")),
        ({"redirect_uris": "http://127.0.0.1:8000/cb"}, ("redirect_uri", "warning")),
        ({"secret": ""}, ("secret", "problem")),
        ({"pkce_required": False}, ("pkce", "warning")),
        ({"scope": ""}, ("scope", "problem")),
        ({"scope": "notes.read"}, ("scope", "note")),
        ({}, ("keys", "note")),
        ({"skip_authorization": True}, ("consent", "warning")),
        ({"skip_authorization": True, "skip_authorization_reason": "our own"}, ("consent", "note")),
        ({"may_introspect": True}, ("introspection", "note")),
        ({"access_token_lifetime": 90_000}, ("lifetime", "warning")),
        ({}, ("contact", "note")),
        ({"contact": "help@shop.example"}, ("redirect_uri", "ok")),
    ],
)
def test_every_setting_is_judged(changes, finding):
    assert finding in levels(ClientFactory(**changes))


def test_secret_that_ends_soon_is_weak():
    client = ClientFactory()
    client.secrets.update(expires=timezone.now() + timedelta(days=3))
    assert ("secret", "warning") in levels(client)


def test_key_in_a_store_of_its_own_is_looked_for(settings):
    settings.CODEFLOW_PROVIDER = {"KEY_STORE": "env:NO_SUCH_VARIABLE"}
    assert ("keys", "problem") in levels(ClientFactory())


def test_dry_run_shows_the_address_and_every_verdict(boss):
    client = ClientFactory(client_id="shop")
    boss.open(page_url(client, "test"))
    assert boss.page.context["authorize_url"] in boss.text()
    for part in ("https://testserver/o/authorize/?response_type=code", "client_id=shop", "code_challenge_method=S256"):
        assert part in boss.page.context["authorize_url"]
    for finding in findings_of(client):
        assert finding.what in boss.said()
        assert finding.fix in boss.said()


def test_address_of_the_dry_run_is_one_that_the_server_takes(signed_in, boss):
    client = ClientFactory()
    url = boss.open(page_url(client, "test")).context["authorize_url"]
    answer = signed_in.open(url.removeprefix("https://testserver"))
    assert answer.status_code == 200
    assert 'id="codeflow-consent"' in answer.text


@pytest.mark.parametrize("changes", [{}, {"access_token_format": "jwt"}, {"subject_type": "pairwise"}])
def test_preview_issues_nothing(boss, changes):
    client = ClientFactory(**changes)
    ConsentFactory(client=client)
    before, session = rows_of_everything(), session_text(boss)
    boss.open(page_url(client, "test"))
    boss.open(page_url(client, "test/consent"))
    assert boss.page.status_code == 200
    assert rows_of_everything() == before
    assert session_text(boss) == session
    assert not SigningKey.objects.exists()
    client.refresh_from_db()
    assert not client.subjects_given


def test_preview_shows_the_contents_that_would_be_issued(boss):
    boss.user.first_name, boss.user.last_name, boss.user.email = "Ada", "Byron", "ada@example.com"
    boss.user.save()
    client = ClientFactory(client_id="shop", access_token_format="jwt", scope="openid profile email")
    preview = boss.open(page_url(client, "test")).context["preview"]
    id_token, userinfo = json.loads(preview["id_token"]), json.loads(preview["userinfo"])
    access_token = json.loads(preview["access_token"])
    assert (id_token["aud"], id_token["sub"], id_token["iss"]) == ("shop", str(boss.user.pk), "https://testserver/o")
    assert userinfo["name"] == "Ada Byron"
    assert userinfo["email"] == "ada@example.com"
    assert (access_token["client_id"], access_token["scope"]) == ("shop", "openid profile email")
    assert preview["refresh"] is False
    assert "Ada Byron" in boss.said()


def test_preview_holds_what_is_really_issued(boss, signed_in, user):
    """The names of the claims are those of the tokens of a real exchange."""
    client = ClientFactory(access_token_format="jwt")
    issued = tokens_for(signed_in, Party(client))
    preview = boss.open(page_url(client, "test")).context["preview"]
    for name in ("id_token", "access_token"):
        real = jwt.decode(issued[name], options={"verify_signature": False})
        assert set(json.loads(preview[name])) == set(real)


def test_consent_page_of_the_preview_is_the_real_one_and_decides_nothing(boss):
    client = ClientFactory(name="Notes", maker="Example Ltd")
    page = boss.open(page_url(client, "test/consent"))
    assert 'id="codeflow-consent"' in boss.text()
    assert "Notes" in boss.said()
    assert "Example Ltd" in boss.said()
    assert 'name="decision" value=""' in boss.text()
    policy = page.headers["Content-Security-Policy"]
    assert "form-action 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert page.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_preview_says_why_there_is_nothing_to_show(boss):
    client = ClientFactory(redirect_uris="")
    boss.open(page_url(client, "test"))
    assert "redirect_uri is missing." in boss.said()
    boss.open(page_url(client, "test/consent"))
    assert "People would see no consent page" in boss.said()


def test_preview_without_an_issuer_says_so(boss, settings):
    client = ClientFactory()
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": ""}
    boss.open(page_url(client, "test"))
    assert "Name the issuer" in boss.said()


# Explain


def explained(staff, client, text):
    page = staff.post(page_url(client, "test"), text=text)
    assert page.status_code == 200
    return page.context["explained"]


def words_of(found, name):
    return next((row.level, row.words) for row in found.rows if row.name == name)


def authorize(client, **changes):
    values = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": REDIRECT_URI,
        "scope": "openid profile",
        "state": "s",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changes,
    }
    return "https://testserver/o/authorize/?" + urlencode({name: v for name, v in values.items() if v is not None})


def test_right_request_is_right(boss):
    client = ClientFactory()
    found = explained(boss, client, authorize(client))
    assert (found.kind, found.level) == ("authorization", "ok")
    assert {row.level for row in found.rows} == {"ok"}


@pytest.mark.parametrize(
    ("changes", "name", "level", "words"),
    [
        ({"redirect_uri": REDIRECT_URI + "/"}, "redirect_uri", "problem", "only the slash at the end differs"),
        ({"redirect_uri": "http://rp.example/cb"}, "redirect_uri", "problem", "http and https differ"),
        ({"client_id": "other"}, "client_id", "problem", "this client's is"),
        ({"response_type": "token"}, "response_type", "problem", "Only code exists here"),
        ({"scope": "openid notes.write"}, "scope", "problem", "may not ask for notes.write"),
        ({"scope": "nonsense"}, "scope", "problem", "does not know nonsense"),
        ({"scope": "openid nonsense"}, "scope", "note", "does not know nonsense"),
        ({"code_challenge": "short"}, "code_challenge", "problem", "43 base64url"),
        ({"code_challenge": None, "code_challenge_method": None}, "code_challenge", "problem", "It is missing."),
        ({"code_challenge_method": "plain"}, "code_challenge_method", "problem", "It must be S256"),
        ({"response_mode": "fragment"}, "response_mode", "problem", "It must be query"),
        ({"response_mode": "query"}, "response_mode", "ok", "It is known."),
        ({"prompt": "create"}, "prompt", "problem", "Unknown: create."),
        ({"prompt": "login"}, "prompt", "ok", "It says whether"),
        ({"state": None}, "state", "note", "send a random value"),
        ({"nonce": "n"}, "nonce", "ok", "inside the ID token"),
        ({"utm_source": "x"}, "utm_source", "note", "not known here"),
        ({"request_uri": "https://rp.example/r"}, "request_uri", "problem", "nothing is fetched"),
        ({"client_secret": SECRET}, "client_secret", "problem", "rotate it now"),
    ],
)
def test_each_parameter_of_a_request_is_explained(boss, changes, name, level, words):
    client = ClientFactory()
    found = explained(boss, client, authorize(client, **changes))
    assert words_of(found, name)[0] == level
    assert words in words_of(found, name)[1]
    assert words in boss.said()


def test_key_with_a_space_and_a_wrong_address_are_told(boss):
    client = ClientFactory()
    found = explained(boss, client, authorize(client, client_id=f"{client.client_id} ").replace("/o/", "/oauth/"))
    assert "with a space around it" in words_of(found, "client_id")[1]
    assert "https://testserver/o/authorize/" in words_of(found, "address")[1]
    assert found.level == "problem"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "The code is good, once."),
        ({"redeemed_at": timezone.now()}, "has been redeemed"),
        ({"expires": timezone.now() - timedelta(minutes=1)}, "has expired"),
        ({"application": None}, "to another client"),
    ],
)
def test_code_of_a_callback_is_looked_up_and_stays_as_it_is(boss, changes, words):
    client = ClientFactory()
    issued_to = ClientFactory() if "application" in changes else client
    code = CodeFactory(value="the-code", **{**changes, "application": issued_to})
    before = rows_of_everything()
    found = explained(boss, client, f"{REDIRECT_URI}?code=the-code&state=s&iss=https%3A%2F%2Ftestserver%2Fo")
    assert found.kind == "callback"
    assert words in words_of(found, "code")[1]
    assert "the-code" not in boss.text()
    redeemed = code.redeemed_at
    code.refresh_from_db()
    assert code.redeemed_at == redeemed
    assert rows_of_everything() == before


@pytest.mark.parametrize(
    ("query", "name", "words"),
    [
        ("error=access_denied&state=s", "error", "The person said no."),
        ("error=nonsense", "error", "does not send"),
        ("code=unknown", "code", "does not know the code"),
        ("code=x&iss=https://other.example", "iss", "this one is https://testserver/o"),
        ("code=x", "iss", "It is missing"),
        ("code=x&state=s", "state", "must find it again"),
        ("code=x&extra=1", "extra", "Not from here."),
        ("error=x&error_description=why", "error_description", "Why, in words."),
    ],
)
def test_each_parameter_of_a_callback_is_explained(boss, query, name, words):
    found = explained(boss, ClientFactory(), f"{REDIRECT_URI}?{query}")
    assert words in words_of(found, name)[1]


def test_callback_at_another_address_is_compared_with_the_registered_one(boss):
    found = explained(boss, ClientFactory(), "https://rp.example/other?code=x")
    assert "https://rp.example/cb" in words_of(found, "redirect_uri")[1]


def token_request(client, **changes):
    values = {
        "grant_type": "authorization_code",
        "code": "the-code",
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
        "client_id": client.client_id,
        "client_secret": SECRET,
        **changes,
    }
    return urlencode({name: value for name, value in values.items() if value is not None})


def test_right_token_request_is_right_and_its_secrets_are_stars(boss):
    client = ClientFactory()
    CodeFactory(value="the-code", application=client)
    found = explained(boss, client, token_request(client))
    assert (found.kind, found.level) == ("token", "ok")
    for value in (SECRET, VERIFIER, "the-code"):
        assert value not in boss.text()
    assert "which works" in words_of(found, "client_secret")[1]
    assert "fits the challenge" in words_of(found, "code_verifier")[1]


@pytest.mark.parametrize(
    ("changes", "name", "words"),
    [
        ({"grant_type": "password"}, "grant_type", "Only authorization_code"),
        ({"client_secret": "pbkdf2_sha256$1$a$b"}, "client_secret", "looks like a stored hash"),
        ({"client_secret": "wrong"}, "client_secret", "None of this client's secrets."),
        ({"client_secret": "x" * 600}, "client_secret", "longer than any secret"),
        ({"client_secret": None}, "client_secret", "It is missing."),
        ({"code_verifier": "short"}, "code_verifier", "43 to 128"),
        ({"code_verifier": "a" * 43}, "code_verifier", "belongs to another attempt"),
        ({"redirect_uri": REDIRECT_URI + "/"}, "redirect_uri", "only the slash at the end differs"),
        ({"scope": "openid"}, "scope", "It is known."),
        ({"foo": "bar"}, "foo", "not known here"),
        ({"grant_type": "refresh_token"}, "refresh_token", "It is missing."),
    ],
)
def test_each_parameter_of_a_token_request_is_explained(boss, changes, name, words):
    client = ClientFactory()
    CodeFactory(value="the-code", application=client)
    assert words in words_of(explained(boss, client, token_request(client, **changes)), name)[1]


def test_ended_secret_and_secret_of_a_public_client_are_told(boss):
    client = ClientFactory()
    ClientSecretFactory(client=client, value="cfs_ended", expires=timezone.now() - timedelta(days=1))
    assert (
        "which has ended"
        in words_of(explained(boss, client, token_request(client, client_secret="cfs_ended")), "client_secret")[1]
    )
    phone = ClientFactory(public=True)
    assert "has no secret to send" in words_of(explained(boss, phone, token_request(phone)), "client_secret")[1]


@pytest.mark.parametrize(
    "shape",
    [
        "curl -u {id}:{secret} -d '{body}' https://testserver/o/token/",
        "curl --user {id}:{secret} \\\n  --data-urlencode grant_type=authorization_code https://testserver/o/token/",
        "curl -H 'Authorization: Basic {basic}' --data '{body}' https://testserver/o/token/",
        "POST /o/token/ HTTP/1.1\r\nAuthorization: Basic {basic}\r\n\r\n{body}",
        "curl -u {id}:{secret} -d '{body}' -d 'unclosed",
    ],
)
def test_token_request_is_read_in_the_shapes_that_people_paste(boss, shape):
    client = ClientFactory()
    body = token_request(client, client_id=None, client_secret=None)
    basic = b64encode(f"{client.client_id}:{SECRET}".encode()).decode()
    found = explained(boss, client, shape.format(id=client.client_id, secret=SECRET, body=body, basic=basic))
    assert found.kind == "token"
    assert words_of(found, "client_id")[0] == "ok"
    assert "which works" in words_of(found, "client_secret")[1]
    assert SECRET not in unescape(boss.text())
    assert basic not in unescape(boss.text())


def test_broken_basic_credentials_do_not_break_the_page(boss):
    client = ClientFactory()
    found = explained(boss, client, "curl -H 'Authorization: Basic ???' -d grant_type=authorization_code https://x/")
    assert words_of(found, "Authorization")[0] == "note"


@pytest.mark.parametrize("text", ["hello", "https://rp.example/", "https://[::1/?code=x", "\x00\x01", "a" * 30_000])
def test_anything_else_is_told_to_be_something_else(boss, text):
    assert explained(boss, ClientFactory(), text).kind == "unknown"


def test_pasted_secrets_are_kept_nowhere(boss, caplog):
    client = ClientFactory()
    pasted = "https://user:hidden-word@testserver/o/authorize/?client_id=x&id_token_hint=eyJhbGciOi&my_secret=hush-hush"
    before = rows_of_everything()
    with caplog.at_level(logging.DEBUG):
        explained(boss, client, pasted)
        explained(boss, client, token_request(client, refresh_token="the-refresh-token"))
    for value in ("hidden-word", "eyJhbGciOi", "hush-hush", SECRET, VERIFIER, "the-refresh-token"):
        assert value not in boss.text()
        assert value not in session_text(boss)
        assert value not in caplog.text
    assert rows_of_everything() == before
    assert not AuditEvent.objects.filter(reason__contains="the-").exists()


def test_staff_who_only_look_are_not_told_whether_a_secret_is_right():
    staff, client = staff_with("view_client"), ClientFactory()
    found = explained(staff, client, token_request(client))
    assert "people who may rotate secrets" in words_of(found, "client_secret")[1]
    assert f"…{client.secrets.get().hint}" not in staff.said()


# Tabs


def test_tabs_are_those_that_a_person_may_open():
    client = ClientFactory()
    staff = staff_with("view_client")
    staff.open(page_url(client, "overview"))
    assert [tab.words for tab in staff.page.context["tabs"]] == [
        "Overview", "Settings", "Secrets", "Integration", "Test this client",
    ]  # fmt: skip
    for name in ("people", "tokens", "events"):
        assert staff.open(page_url(client, name)).status_code == 403


def test_every_tab_opens_and_marks_itself(boss):
    consent = ConsentFactory()
    CodeFactory(application=consent.client)
    for name in ("overview", "people", "tokens", "events", "integration", "test"):
        boss.open(page_url(consent.client, name))
        assert boss.page.status_code == 200
        assert [tab.current for tab in boss.page.context["tabs"]].count(True) == 1
        assert "no-store" in boss.page.headers["Cache-Control"]
    boss.open(change(consent.client))
    assert 'aria-current="page">Settings' in boss.text()


def test_pages_about_an_unknown_client_are_not_found(boss):
    for name in ("overview", "people", "integration", "test", "test/consent"):
        assert boss.open(f"/admin/codeflow_provider/client/999/{name}/").status_code == 404


def test_strangers_and_staff_without_the_permission_reach_no_tab(client):
    row = ClientFactory()
    staff = staff_with("view_consent")
    for name in ("overview", "integration", "test", "test/consent"):
        assert staff.open(page_url(row, name)).status_code == 403
        assert client.get(page_url(row, name), secure=True).status_code == 302


def test_overview_tells_the_last_errors_in_words(boss):
    client = ClientFactory(redirect_uris=f"{REDIRECT_URI} {REDIRECT_URI}/", notes="Ask Grace first.")
    AuditEvent.objects.create(
        event="token.refused", outcome="refused", client_id=client.client_id, reason="wrong_secret", reference="7F3K-Q2"
    )
    boss.open(page_url(client, "overview"))
    for words in ("A request for tokens was refused.", "wrong_secret", "7F3K-Q2", "Only a slash", "Ask Grace first."):
        assert words in boss.said()


def test_full_lists_behind_the_tabs_are_narrowed_to_the_client(boss):
    consent, other = ConsentFactory(), ConsentFactory()
    boss.open(page_url(consent.client, "people"))
    url = boss.page.context["all_url"]
    page = boss.open(url)
    assert page.status_code == 200
    assert [row.pk for row in page.context["cl"].result_list] == [consent.pk]
    assert other.pk
