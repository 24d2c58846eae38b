"""The form of a client: what may not be saved is said on its field, in words."""

import pytest

from codeflow.provider.models import Client
from tests.provider.admin.conftest import ADD, CALLBACK, change, changelist, client_form, management_form, registered
from tests.provider.factories import ClientFactory

pytestmark = pytest.mark.django_db


def errors_after_adding(staff, **changed):
    page = staff.post(ADD, **client_form(**changed))
    assert not Client.objects.exists()
    return page.context["adminform"].form.errors.get_json_data()


@pytest.mark.spec("OIDC Core", "3.1.2.1", "a request for openid is answered with an ID token")
def test_client_without_signing_cannot_ask_for_openid(boss):
    errors = errors_after_adding(boss, id_token_signed_response_alg="none")
    [error] = errors["id_token_signed_response_alg"]
    assert error["code"] == "openid_unsigned"
    assert "untick openid" in error["message"]


def test_client_without_signing_gets_tokens_of_other_scopes(boss):
    client, _ = registered(boss, id_token_signed_response_alg="none", scope=["notes.read"], access_token_format="jwt")
    assert client.signing_algorithm == "RS256"


def test_nobody_is_spared_the_question_without_a_reason(boss):
    errors = errors_after_adding(boss, skip_authorization="on", skip_authorization_reason=" ")
    assert [error["code"] for error in errors["skip_authorization_reason"]] == ["skip_reason"]


@pytest.mark.parametrize(
    ("field", "value", "code", "words"),
    [
        ("redirect_uris", "shop.example/cb", "no_scheme", "Did you mean https://shop.example/cb?"),
        ("redirect_uris", "http://shop.example/cb", "http", "can be read on the way"),
        ("redirect_uris", "https://shop.example/cb#f", "fragment", "Remove # and what follows"),
        ("redirect_uris", "https://*.shop.example/cb", "wildcard", "in full"),
        ("redirect_uris", "https://u@shop.example/cb", "user_information", "https://shop.example/cb"),
        ("redirect_uris", "https://shöp.example/cb", "characters", "https://xn--shp-tna.example/cb"),
        ("redirect_uris", "https://shop.example/a/../cb", "dot_segments", "https://shop.example/cb"),
        ("redirect_uris", f"{CALLBACK}\n{CALLBACK}", "duplicate", "listed twice"),
        ("logo_uri", "https://cdn.example/logo.png", "logo", "on this site"),
        ("logo_uri", "//cdn.example/logo.png", "logo", "on this site"),
        ("logo_uri", "javascript:alert(1)", "logo", "on this site"),
        ("client_uri", "http://shop.example/", "http", "https://shop.example/"),
        ("policy_uri", "shop.example/privacy", "no_scheme", "https://shop.example/privacy"),
        ("tos_uri", "javascript:alert(1)", "scheme", "javascript"),
        ("contact", "call us", "contact", "neither an e-mail address"),
        ("contact", "http://shop.example/help", "http", "https://shop.example/help"),
        ("optional_scope", ["phone"], "optional_scope", "may not ask for phone"),
    ],
)
def test_what_is_wrong_is_said_on_its_field_with_a_code_and_a_fix(boss, field, value, code, words):
    [error] = errors_after_adding(boss, **{field: value})[field]
    assert error["code"] == code
    assert words in error["message"]


def test_messages_speak_the_readers_language(boss, monkeypatch):
    """Each message is looked up when it is shown, with its value put in afterwards."""
    from codeflow.provider.models import client_addresses

    monkeypatch.setattr(client_addresses, "gettext_lazy", lambda text: f"übersetzt: {text}")
    errors = errors_after_adding(boss, redirect_uris="shop.example/cb")
    assert errors["redirect_uris"][0]["message"].startswith("übersetzt: shop.example/cb")


def test_what_people_see_is_kept(boss):
    client, _ = registered(
        boss,
        maker="Example Ltd",
        logo_uri="/static/shop.png",
        contact="help@shop.example",
        client_uri="https://shop.example/",
        policy_uri="https://shop.example/privacy",
        notes="Ask Grace.",
        optional_scope=["email"],
    )
    assert (client.maker, client.logo_uri, client.contact) == ("Example Ltd", "/static/shop.png", "help@shop.example")
    assert (client.notes, client.optional_scope, client.registered_by) == ("Ask Grace.", "email", "admin")


def test_wrong_field_that_a_person_may_not_change_is_said_above_the_form(registrar):
    """A row may be older than a rule; the page must not break over it."""
    client = ClientFactory(redirect_uris="http://old.example/cb", skip_authorization=True, scope="openid")
    registrar.post(change(client), **client_form(scope=["openid"]), **management_form())
    assert registrar.page.status_code == 200
    assert "http://old.example/cb: Use https." in registrar.said()


def test_add_form_says_which_button_shows_the_secret(boss):
    boss.open(ADD)
    assert 'value="Save and show the secret"' in boss.text()
    assert boss.text().count("<details") == 5
    boss.open(changelist("client"))
    assert "Save and show" not in boss.text()
