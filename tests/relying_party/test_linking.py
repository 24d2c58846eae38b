"""One person, several ways in: linked on purpose, by the person who proved both accounts; unlinked but for the last."""

import time
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from codeflow.relying_party.models import Identity, RPSession, TokenGrant
from tests.relying_party.conftest import Browser, path_of


@pytest.fixture
def asking(browser: Any, site: Any) -> Any:
    site.ACME["link"] = "ask"
    site.LOGIN_URL = "/login/"
    return browser


@pytest.fixture
def local(asking: Any) -> Any:
    """Alice, signed in with her password."""
    user = get_user_model().objects.create_user("alice", email="a@x.example", password="pass-word-1")
    asking.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def begin_link(browser: Any, password: str = "pass-word-1") -> Any:
    return browser.client.post("/auth/link/acme/", {"password": password})


@pytest.mark.spec("OIDC Core", "5.7", "RP-73: linking is asked for, and both accounts are proved")
def test_person_links_an_account_and_signs_in_with_it(asking, local, events):
    response = begin_link(asking)
    assert response.status_code == 303
    assert asking.come_back(asking.op.authorize(response.headers["Location"])).headers["Location"] == "/auth/accounts/"
    assert Identity.objects.get().user == local
    assert "account_linked" in [event.name for event in events]
    assert "account_created" not in [event.name for event in events]
    asking.client.logout()
    asking.sign_in()
    assert asking.client.get("/").json()["user"] == "alice"


def test_linking_again_changes_nothing(asking, local):
    for _ in range(2):
        asking.come_back(asking.op.authorize(begin_link(asking).headers["Location"]))
    assert Identity.objects.count() == 1
    assert asking.client.get("/").json()["user"] == "alice"


def test_session_is_kept_while_linking(asking, local):
    session = asking.client.session
    session["cart"] = "three apples"
    session.save()
    asking.come_back(asking.op.authorize(begin_link(asking).headers["Location"]))
    assert asking.client.session["cart"] == "three apples"
    assert asking.client.get("/account/").status_code == 200


def test_pages_are_for_people_who_are_signed_in(asking):
    for address in ("/auth/accounts/", "/auth/link/acme/"):
        response = asking.client.get(address)
        assert (response.status_code, path_of(response.headers["Location"])) == (302, "/login/")


def test_wrong_password_links_nothing(asking, local):
    assert 'name="password"' in asking.client.get("/auth/link/acme/").content.decode()
    response = begin_link(asking, "wrong")
    assert (response.status_code, 'id="wrong"' in response.content.decode()) == (403, True)
    assert not asking.op.log


@pytest.mark.spec("OIDC Core", "5.7", "linking is off unless the settings offer it")
def test_link_is_not_offered_unless_asked_for(asking, local, site):
    site.ACME["link"] = "never"
    assert asking.client.get("/auth/link/acme/").status_code == 404
    assert "/auth/link/" not in asking.client.get("/auth/accounts/").content.decode()
    assert asking.client.get("/auth/link/nobody/").status_code == 404


@pytest.mark.spec("RFC 9700", "4.7", "RP-79: a link is finished by the local user who began it")
def test_other_user_cannot_finish_a_link(asking, local, events):
    query = asking.op.authorize(begin_link(asking).headers["Location"])
    mallory = get_user_model().objects.create_user("mallory", password="x")
    asking.client.force_login(mallory, backend="django.contrib.auth.backends.ModelBackend")
    response = asking.come_back(query)
    assert (response.status_code, events[-1].reason) == (403, "link.other_user")
    assert not Identity.objects.exists()
    assert not asking.op.requests_to("/op/token")


def test_link_is_not_finished_after_signing_out(asking, local, events):
    query = asking.op.authorize(begin_link(asking).headers["Location"])
    cookies = {name: morsel.value for name, morsel in asking.client.cookies.items() if name.startswith("codeflow")}
    asking.client.logout()
    for name, value in cookies.items():
        asking.client.cookies[name] = value
    assert asking.come_back(query).status_code == 403
    assert not Identity.objects.exists()


def test_link_that_needs_a_page_is_still_a_link(asking, local, site):
    site.ACME["prompt"] = "none"
    asking.op.callback_parameters.update(code=None, error="login_required")
    again = asking.come_back(asking.op.authorize(begin_link(asking).headers["Location"])).headers["Location"]
    asking.op.callback_parameters.clear()
    asking.come_back(asking.op.authorize(again))
    assert Identity.objects.get().user == local


@pytest.mark.spec("OIDC Core", "5.7", "T67: an account linked to somebody else stays theirs")
def test_account_linked_elsewhere_is_not_taken(asking, local, events, op):
    other = Browser(Client(), op)
    op.userinfo["email"] = "other@x.example"
    other.sign_in()
    response = asking.come_back(op.authorize(begin_link(asking).headers["Location"]))
    assert (response.status_code, events[-1].reason) == (403, "account.linked_elsewhere")
    assert Identity.objects.get().user != local
    assert asking.client.get("/").json()["user"] == "alice"


def test_known_address_is_told_how_to_link(asking, local):
    asking.client.logout()
    response = asking.sign_in()
    assert (response.status_code, 'href="/auth/accounts/"' in response.content.decode()) == (403, True)
    assert not Identity.objects.exists()


def test_hook_that_denies_keeps_a_link_out(asking, local, site, events):
    from codeflow.relying_party.backends import Deny

    site.ACME["on_identity"] = lambda claims, provider: Deny("not from here")
    response = asking.come_back(asking.op.authorize(begin_link(asking).headers["Location"]))
    assert (response.status_code, events[-1].reason) == (403, "account.denied")


@pytest.fixture
def second(asking: Any, site: Any) -> Any:
    """A person without a password, signed in through acme; `other` is a second provider on the same server."""
    site.CODEFLOW_RELYING_PARTY["PROVIDERS"]["other"] = {**site.ACME, "client_id": "shop"}
    asking.sign_in()
    return asking


def test_person_without_a_password_proves_it_with_a_fresh_sign_in(second, op):
    op.sub = op.userinfo["sub"] = "the-other-account"
    assert 'name="password"' not in second.client.get("/auth/link/other/").content.decode()
    location = second.client.post("/auth/link/other/").headers["Location"]
    assert second.come_back(op.authorize(location), provider="other").status_code == 303
    assert Identity.objects.values("user").distinct().count() == 1
    assert Identity.objects.count() == 2


def test_old_sign_in_is_no_proof(second, op):
    RPSession.objects.update(auth_time=int(time.time()) - 3600)
    response = second.client.get("/auth/link/other/")
    assert (response.status_code, path_of(response.headers["Location"])) == (302, "/auth/login/acme/")
    assert "demand=" in response.headers["Location"]


def test_person_without_any_proof_cannot_link(asking, local, events):
    local.set_unusable_password()
    local.save()
    asking.client.force_login(local, backend="django.contrib.auth.backends.ModelBackend")
    response = asking.client.get("/auth/link/acme/")
    assert (response.status_code, events[-1].reason) == (403, "link.no_proof")


@pytest.mark.spec("ASVS", "2.5", "AR-38: the last way in is not unlinked")
def test_last_way_in_is_kept(second, events):
    pk = Identity.objects.get().pk
    response = second.client.post(f"/auth/unlink/{pk}/")
    assert (response.status_code, events[-1].reason) == (403, "account.last_way_in")
    assert 'id="last-way-in"' in response.content.decode()
    assert Identity.objects.exists()


def test_password_that_no_backend_takes_is_no_way_in(second, site):
    user = get_user_model().objects.get()
    user.set_password("pass-word-1")
    user.save()
    site.AUTHENTICATION_BACKENDS = ["codeflow.relying_party.backends.OpenIDConnectBackend"]
    second.client.force_login(user, backend="codeflow.relying_party.backends.OpenIDConnectBackend")
    assert second.client.post(f"/auth/unlink/{Identity.objects.get().pk}/").status_code == 403


@pytest.mark.parametrize("reachable", [True, False])
def test_unlinking_ends_sessions_and_tokens_and_keeps_the_person_here(asking, local, op, events, site, reachable):
    asking.come_back(op.authorize(begin_link(asking).headers["Location"]))
    elsewhere = Browser(Client(), op)
    elsewhere.sign_in()
    identity = Identity.objects.get()
    refresh_tokens = set(op.refresh_tokens)
    assert "Unlink acme" in asking.client.get("/auth/accounts/").content.decode()
    if not reachable:
        site.CODEFLOW_RELYING_PARTY["PROVIDERS"] = {}
    assert asking.client.post(f"/auth/unlink/{identity.pk}/").headers["Location"] == "/auth/accounts/"
    assert not any(model.objects.exists() for model in (Identity, TokenGrant, RPSession))
    assert asking.client.get("/").json()["user"] == "alice"
    assert elsewhere.client.get("/").json()["user"] == ""
    assert refresh_tokens.isdisjoint(op.refresh_tokens) is reachable
    assert events[-1].name == "account_unlinked"


def test_one_of_two_accounts_may_go(second, op):
    op.sub = op.userinfo["sub"] = "the-other-account"
    location = second.client.post("/auth/link/other/").headers["Location"]
    second.come_back(op.authorize(location), provider="other")
    first = Identity.objects.get(provider_key="acme")
    assert second.client.post(f"/auth/unlink/{first.pk}/").status_code == 303
    assert Identity.objects.get().provider_key == "other"


def test_unlinking_is_a_post_of_the_owner_with_a_csrf_token(asking, local, op):
    asking.come_back(op.authorize(begin_link(asking).headers["Location"]))
    pk = Identity.objects.get().pk
    assert asking.client.get(f"/auth/unlink/{pk}/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = asking.client.cookies
    assert strict.post(f"/auth/unlink/{pk}/").status_code == 403
    stranger = Client()
    stranger.force_login(
        get_user_model().objects.create_user("mallory"), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert stranger.post(f"/auth/unlink/{pk}/").status_code == 404
    assert Identity.objects.exists()
