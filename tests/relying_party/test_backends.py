"""Whom a subject is here: never somebody by e-mail, name or role."""

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.db import IntegrityError

from codeflow.relying_party import backends
from codeflow.relying_party.backends import Deny
from codeflow.relying_party.models import Identity

User = get_user_model()


@pytest.mark.spec("OIDC Core", "5.7", "T67 RP-73: e-mail never takes over an account")
@pytest.mark.parametrize("verified", [True, False])
def test_known_email_is_refused(browser, events, verified):
    local = User.objects.create_user("alice", email="A@X.example", password="local")
    browser.op.userinfo["email_verified"] = verified
    assert browser.sign_in().status_code == 403
    assert events[-1].reason == "account.email_known"
    assert list(User.objects.all()) == [local]
    assert not browser.is_signed_in


@pytest.mark.spec("OIDC Core", "5.7", "RP-74: the same sub at another issuer is somebody else")
def test_same_sub_at_another_issuer_is_another_account(browser):
    browser.sign_in()
    Identity.objects.update(subject_key="of another issuer")
    browser.client.logout()
    assert browser.sign_in().status_code == 303
    assert User.objects.count() == 2


@pytest.mark.spec("OIDC Core", "5.7", "RP-75: the identity follows sub")
def test_changed_email_and_name_change_no_account(browser):
    browser.sign_in()
    browser.client.logout()
    User.objects.create_user("bob", email="bob@x.example")
    browser.op.userinfo.update(email="bob@x.example", preferred_username="bob")
    browser.sign_in()
    assert browser.client.get("/").json()["user"] == Identity.objects.get().user.get_username() != "bob"


@pytest.mark.spec("OWASP", "mass assignment", "RP-76: roles in claims are ignored")
def test_roles_in_claims_are_ignored(browser):
    browser.op.userinfo.update(is_staff=True, is_superuser=True, groups=["admin"], username="admin", id=1)
    browser.sign_in()
    user = User.objects.get()
    assert [user.is_staff, user.is_superuser, user.groups.exists()] == [False, False, False]
    assert user.username.startswith("acme_")


@pytest.mark.spec("ASVS", "3.3", "T67 RP-77: a disabled user stays out")
def test_inactive_user_is_refused(browser, events):
    browser.sign_in()
    browser.client.logout()
    User.objects.update(is_active=False)
    assert browser.sign_in().status_code == 403
    assert events[-1].reason == "account.inactive"
    assert not User.objects.get().is_active


@pytest.mark.spec("OIDC Core", "5.1", "T53: only a JSON true is verified")
@pytest.mark.parametrize(("verified", "stored"), [(True, "a@x.example"), ("true", ""), (None, ""), (1, "")])
def test_unverified_email_is_not_stored(browser, verified, stored):
    browser.op.userinfo["email_verified"] = verified
    browser.sign_in()
    assert User.objects.get().email == stored


def test_verified_in_the_id_token_does_not_vouch_for_userinfos_email(browser):
    browser.op.claims.update(email="real@x.example", email_verified=True)
    browser.op.userinfo["email"] = "forged@x.example"
    browser.sign_in()
    assert User.objects.get().email == ""


@pytest.mark.parametrize(
    "email", ["a@b@c.example", "a\x00@x.example", "a@" + "x" * 254, "@x.example", "a@", 7, "a b@x.example"]
)
def test_malformed_email_is_no_email(browser, email):
    browser.op.userinfo.update(email=email, email_verified=True)
    assert browser.sign_in().status_code == 303
    assert User.objects.get().email == ""


@pytest.mark.spec("RFC 6749", "10.14", "RP-78: claims are cut, cleaned and escaped")
def test_hostile_claims_do_no_harm(browser):
    browser.op.userinfo.update(
        given_name="A" * 100_000,
        family_name="<script>\x00\u202e",
        name=7,
        picture="javascript:alert(1)",
        odd="\x00",
        deep=[["x"] * 5000],
    )
    assert browser.sign_in().status_code == 303
    user = User.objects.get()
    assert (user.first_name, user.last_name) == ("A" * 150, "<script>")
    assert {"given_name", "odd", "deep"}.isdisjoint(Identity.objects.get().claims)


def test_single_name_becomes_the_first_name(browser):
    del browser.op.userinfo["given_name"]
    browser.sign_in()
    assert User.objects.get().first_name == "Alice Example"


def adopt(claims, provider):
    return User.objects.filter(username=claims["employee"]).first()


def keep_out(claims, provider):
    return Deny("not on the list")


def test_hook_finds_the_user(browser, site):
    local = User.objects.create_user("e17")
    browser.op.userinfo["employee"] = "e17"
    site.ACME["on_identity"] = "tests.relying_party.test_backends.adopt"
    browser.sign_in()
    assert Identity.objects.get().user == local


def test_hook_finds_nobody_and_a_user_is_made(browser, site):
    browser.op.userinfo["employee"] = "e18"
    site.ACME["on_identity"] = adopt
    browser.sign_in()
    assert User.objects.get().username.startswith("acme_")


def test_hook_keeps_out_new_and_known_people(browser, site, events):
    site.ACME["on_identity"] = keep_out
    assert browser.sign_in().status_code == 403
    del site.ACME["on_identity"]
    browser.sign_in()
    site.ACME["on_identity"] = keep_out
    assert browser.sign_in().status_code == 403
    assert events[-1].reason == "account.denied"


def test_hook_cannot_bring_back_an_inactive_user(browser, site):
    User.objects.create_user("e17", is_active=False)
    browser.op.userinfo["employee"] = "e17"
    site.ACME["on_identity"] = adopt
    assert browser.sign_in().status_code == 403


def test_hooks_name_and_update_the_user(browser, site):
    seen = []
    site.ACME["username"] = lambda claims: claims["sub"]
    site.ACME["update_user"] = lambda user, claims, is_new: seen.append((user.pk, claims["name"], is_new))
    browser.sign_in()
    browser.client.logout()
    browser.sign_in()
    user = User.objects.get()
    assert user.username == browser.op.sub
    assert seen == [(user.pk, "Alice Example", True), (user.pk, "Alice Example", False)]


def test_name_that_is_taken_takes_nobody_over(browser, site, events):
    User.objects.create_user("taken")
    site.ACME["username"] = lambda claims: "taken"
    assert browser.sign_in().status_code == 403
    assert events[-1].reason == "account.taken"


def lose_the_race(self, sign_in, request):
    raise IntegrityError


def test_two_first_sign_ins_at_once_make_one_account(browser, monkeypatch):
    """The other request makes the identity between our look and our insert."""
    browser.sign_in()
    browser.client.logout()
    known = backends.OpenIDConnectBackend._known
    looks = iter([lambda self, sign_in, request: None, known])
    monkeypatch.setattr(
        backends.OpenIDConnectBackend, "_known", lambda self, sign_in, request: next(looks)(self, sign_in, request)
    )
    monkeypatch.setattr(backends.OpenIDConnectBackend, "_new", lose_the_race)
    assert browser.sign_in().status_code == 303
    assert User.objects.count() == 1


def test_account_that_cannot_be_made_is_refused(browser, monkeypatch, events):
    monkeypatch.setattr(backends.OpenIDConnectBackend, "_new", lose_the_race)
    assert browser.sign_in().status_code == 403
    assert events[-1].reason == "account.conflict"


def test_backend_takes_no_password(site):
    User.objects.create_user("alice", password="local")
    site.AUTHENTICATION_BACKENDS = ["codeflow.relying_party.backends.OpenIDConnectBackend"]
    assert authenticate(None, username="alice", password="local") is None


def test_missing_backend_is_our_mistake(browser, site, caplog):
    site.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
    assert browser.sign_in().status_code == 400
    assert "ERROR" in [record.levelname for record in caplog.records]


@pytest.mark.parametrize(("verified", "username"), [(True, "a@x.example"), (False, "@acme.invalid")])
def test_user_model_named_by_email(browser, monkeypatch, verified, username):
    monkeypatch.setattr(User, "EMAIL_FIELD", "username")
    browser.op.userinfo["email_verified"] = verified
    browser.sign_in()
    assert User.objects.get().username.endswith(username)
