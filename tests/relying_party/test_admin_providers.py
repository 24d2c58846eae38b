"""Sign-in providers in the admin: what they are, whether they answer, and a sign-in on trial that leaves nothing behind."""

import json
import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from codeflow.relying_party.admin.provider_facts import facts_about, secret_source
from codeflow.relying_party.models import Identity, RPSession, TokenGrant
from tests.relying_party.misbehaving_provider import CLIENT_SECRET

LIST = "/admin/codeflow_relying_party/signinprovider/"
ACME = f"{LIST}acme/"


def member(*permissions: str) -> Client:
    user = get_user_model().objects.create_user(f"staff{get_user_model().objects.count()}", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.user = user  # type: ignore[attr-defined]  # for the tests alone
    return client


@pytest.fixture
def staff(site: Any) -> Client:
    site.MIDDLEWARE = [*site.MIDDLEWARE, "django.contrib.messages.middleware.MessageMiddleware"]
    return member("view_signinprovider")


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())))


def trial(client: Client, op: Any) -> Any:
    """The whole trip of a trial; the answer to the callback."""
    started = client.post(f"{ACME}try/")
    assert started.status_code == 303, started.content
    return client.get(f"/auth/callback/acme/?{op.authorize(started.headers['Location'])}")


def rows() -> list[int]:
    return [model.objects.count() for model in (get_user_model(), Identity, TokenGrant, RPSession)]


def test_providers_are_listed_with_issuer_key_and_where_the_secret_comes_from(staff, site, monkeypatch):
    monkeypatch.setenv("ACME_SECRET", CLIENT_SECRET)
    for url in (LIST, ACME):
        shown = staff.get(url)
        assert shown.status_code == 200
        assert site.ACME["issuer"] in words(shown)
        assert site.ACME["client_id"] in words(shown)
        assert "the environment variable ACME_SECRET" in words(shown)
        assert CLIENT_SECRET not in shown.content.decode()
    assert "Sign-in providers" in staff.get("/admin/").content.decode()


def test_secret_that_no_variable_holds_comes_from_the_settings(site):
    assert secret_source("held by nobody") == "the settings"
    site.ACME["client_secret"] = "long-enough-to-show-its-end-9xq2"
    facts, _problem = facts_about("acme")
    assert ("Client secret", "••••9xq2, from the settings") in facts
    site.ACME["client_secret"] = ""
    assert "public client" in dict(facts_about("acme")[0])["Client secret"]


def test_preset_quirks_roles_and_hooks_are_named(staff, site):
    site.ACME |= {
        "quirks": ["email_verified_as_text"],
        "groups": {"claim": "groups", "map": {"shop-admins": "Admins"}, "staff": ["shop-admins"]},
        "link": "ask",
        "required_scope": ["openid"],
        "on_identity": "tests.relying_party.test_admin_providers.nobody",
    }
    shown = words(staff.get(ACME))
    for said in (
        "email_verified_as_text: email_verified is the text",
        "shop-admins → Admins",
        "on_identity",
        "people may link",
    ):
        assert said in shown


def nobody(claims: Any, provider: str) -> None:
    raise AssertionError("a trial calls no hook")


def test_entry_that_cannot_be_used_says_why(staff, site):
    site.CODEFLOW_RELYING_PARTY["PROVIDERS"] = {"acme": {"issuer": "https://acme.example"}, "odd": "text"}
    assert "client_id" in words(staff.get(LIST))
    for name in ("acme", "odd"):
        assert staff.get(f"{LIST}{name}/").status_code == 200
        assert staff.post(f"{LIST}{name}/test/").status_code == 200


def test_pages_are_for_staff_with_the_permission(site, staff):
    stranger = member("view_identity")
    for url in (LIST, ACME):
        assert stranger.get(url).status_code == 403
    for url in (f"{ACME}test/", f"{ACME}try/"):
        assert stranger.post(url).status_code == 403
        assert staff.get(url).status_code == 405
    assert staff.get(f"{LIST}nobody/").status_code == 404
    assert Client().get(LIST).status_code == 302
    assert staff.get(reverse("admin:app_list", args=["codeflow_relying_party"])).status_code == 200


def test_connection_is_tested_with_the_doctors_questions(staff, site):
    shown = staff.post(f"{ACME}test/")
    checks = re.findall(r'<li class="codeflow-(\w+)"><strong>[^<]+</strong> <code>(\w+)</code>', shown.content.decode())
    assert {check for _level, check in checks} >= {
        "discovery",
        "issuer",
        "tls",
        "clock",
        "authentication",
        "algorithms",
        "keys",
    }
    assert "problem" not in {level for level, _check in checks}
    assert "Both clocks agree" in words(shown) or " s " in words(shown)


def test_connection_that_fails_says_what_and_how_to_mend_it(staff, site, forget_documents):
    site.ACME["issuer"] += "/"
    forget_documents()
    shown = words(staff.post(f"{ACME}test/"))
    assert "problem" in shown
    assert "discovery" in shown


def test_addresses_to_register_are_exact_and_can_be_copied(staff):
    shown = staff.get(ACME).content.decode()
    assert '<code id="redirect_uri" class="codeflow-value">http://testserver/auth/callback/acme/</code>' in shown
    assert 'data-copy="redirect_uri"' in shown
    assert "post_logout_redirect_uri" in shown
    assert "backchannel_logout_uri" in shown


def test_trial_shows_claims_and_account_and_leaves_nothing_behind(staff, op, events):
    before, session = rows(), dict(staff.session.items())
    shown = trial(staff, op)
    assert shown.status_code == 200
    assert "A new local user" in words(shown)
    assert "Every check passed" in words(shown)
    assert rows() == before
    assert dict(staff.session.items()) == session
    assert not op.refresh_tokens
    assert "no-store" in shown.headers["Cache-Control"]
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    names = [event.name for event in events]
    assert "sign_in_tried" in names
    assert not {"login_succeeded", "account_created"} & set(names)


def test_trial_shows_no_token(staff, op, events):
    shown = trial(staff, op).content.decode()
    assert not re.findall(r"eyJ[\w-]{20,}", shown)
    assert json.dumps([dict(event.details) for event in events], default=str).count("eyJ") == 0


def test_trial_names_the_linked_user(staff, op, browser):
    browser.sign_in()
    user = Identity.objects.get().user
    before = rows()
    assert f"{user}, who is linked to this account." in words(trial(staff, op))
    user.is_active = False
    user.save()
    assert "Refused:" in words(trial(staff, op))
    assert rows() == before


def test_trial_says_what_would_refuse_the_person(staff, op, browser):
    browser.sign_in()
    identity = Identity.objects.get()
    email = identity.claims["email"]
    identity.user.delete()
    get_user_model().objects.create_user("known", email=email)
    assert f"a local account has the address {email}" in words(trial(staff, op))


def test_trial_calls_no_hook(staff, op, site):
    site.ACME["on_identity"] = nobody
    assert "Your hook on_identity decides" in words(trial(staff, op))


def test_trial_tells_the_roles_that_the_rules_give(staff, op, site, browser):
    browser.sign_in()
    name, value = next((key, text) for key, text in Identity.objects.get().claims.items() if isinstance(text, str))
    site.ACME["groups"] = {"claim": name, "map": {value: "Admins"}, "staff": [value]}
    shown = words(trial(staff, op))
    assert "With the roles: Admins, is_staff" in shown
    assert not Identity.objects.get().user.is_staff


def test_trial_that_fails_names_the_check(staff, op):
    started = staff.post(f"{ACME}try/")
    query = op.authorize(started.headers["Location"])
    answer = staff.get(f"/auth/callback/acme/?{query}&iss=https%3A%2F%2Fevil.example")
    assert answer.status_code == 400
    assert "It would have failed:" in words(answer)
    assert "callback." in words(answer)


@pytest.mark.spec("RFC 9700", "4.7", "a trial is finished by the member of staff who began it")
def test_trial_shows_nothing_to_another_person(staff, op):
    started = staff.post(f"{ACME}try/")
    query = op.authorize(started.headers["Location"])
    staff.force_login(member("view_signinprovider").user, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[attr-defined]
    answer = staff.get(f"/auth/callback/acme/?{query}")
    assert answer.status_code == 403
    assert "trial.other_user" in words(answer)
    assert "What came" not in words(answer)


def test_trial_is_used_once(staff, op):
    started = staff.post(f"{ACME}try/")
    query = op.authorize(started.headers["Location"])
    assert staff.get(f"/auth/callback/acme/?{query}").status_code == 200
    again = staff.get(f"/auth/callback/acme/?{query}")
    assert (again.status_code, again.headers["Location"]) == (303, "/")  # whoever is signed in goes on


def test_nothing_is_added_changed_or_deleted(staff, db):
    assert staff.get(f"{LIST}add/").status_code == 404
    assert staff.post(ACME).status_code in (200, 405)


def test_people_can_be_deleted_though_providers_cannot(site, browser, staff):
    browser.sign_in()
    boss = get_user_model().objects.create_superuser("boss", password="x")
    staff.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    user = Identity.objects.get().user
    assert staff.post(reverse("admin:auth_user_delete", args=[user.pk]), {"post": "yes"}).status_code == 302
    assert not Identity.objects.exists()
