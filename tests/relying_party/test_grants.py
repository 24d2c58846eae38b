"""Tokens over time: renewed before they end, by one caller, whatever the provider does."""

import threading
import time
from typing import Any

import pytest
from django.db import connections, transaction

from codeflow.relying_party import api, grants
from codeflow.relying_party.errors import ConfigurationError, ProviderUnavailable, ProviderUntrusted, ReauthRequired
from codeflow.relying_party.models import HeldTokens, RPSession, TokenGrant, sealed_tokens
from tests.relying_party.misbehaving_provider import Reply, json_reply


@pytest.fixture
def signed_in(browser: Any) -> Any:
    browser.sign_in()
    return browser


def age(grant: TokenGrant, *, due: bool = True, over: bool = True, **held: str) -> None:
    """Makes the access token due for renewal, or over."""
    old = grant.held
    assert old is not None
    changed = HeldTokens(
        access_token=held.get("access_token", old.access_token),
        refresh_token=held.get("refresh_token", old.refresh_token),
        id_token=old.id_token,
        refresh_at=time.time() + (-1 if due else 600),
    )
    grant.tokens = sealed_tokens(changed, grant.identity_id)
    grant.expires_at = time.time() + (-1 if over else 600)
    grant.save()


def refreshes(browser: Any) -> int:
    return sum(seen.form["grant_type"] == "refresh_token" for seen in browser.op.requests_to("/op/token"))


def call(browser: Any) -> Any:
    return browser.client.get("/orders/", headers={"Accept": "application/json"})


@pytest.mark.spec("RFC 6749", "6", "a token is renewed when it is due, and the rotated one is kept")
def test_due_token_is_renewed_and_stored(signed_in, events):
    grant = TokenGrant.objects.get()
    old = grant.held
    age(grant)
    assert call(signed_in).status_code == 200
    grant.refresh_from_db()
    assert grant.version == 1
    assert grant.lease == ""
    assert grant.held.access_token != old.access_token
    assert grant.held.refresh_token in signed_in.op.refresh_tokens
    assert grant.expires_at > time.time()
    assert "token_refreshed" in [event.name for event in events]


def test_live_token_is_not_renewed(signed_in):
    assert call(signed_in).status_code == 200
    assert refreshes(signed_in) == 0


@pytest.mark.spec("RFC 6750", "3.1", "T60: 401 renews once and is tried once more")
def test_refused_token_is_renewed_and_the_call_repeated(signed_in):
    signed_in.op.access_tokens.clear()
    assert call(signed_in).status_code == 200
    assert refreshes(signed_in) == 1
    assert len(signed_in.op.requests_to("/api/v1/orders")) == 2


def test_second_401_asks_for_a_new_sign_in(signed_in):
    signed_in.op.replies["/api/v1/orders"] = lambda: json_reply({}, 401)
    response = call(signed_in)
    assert (response.status_code, response.json()["code"]) == (401, "api.invalid_token")
    assert len(signed_in.op.requests_to("/api/v1/orders")) == 2


@pytest.mark.spec("RFC 6749", "6", "T59: a refresh token that is not replaced stays")
def test_parts_left_out_of_the_answer_stay(signed_in):
    grant = TokenGrant.objects.get()
    old = grant.held
    age(grant)
    signed_in.op.token_members.update(refresh_token=..., id_token=..., scope="openid")
    call(signed_in)
    grant.refresh_from_db()
    assert (grant.held.refresh_token, grant.held.id_token, grant.scope) == (old.refresh_token, old.id_token, "openid")


@pytest.mark.spec("RFC 6749", "5.2", "T56 RP-82: invalid_grant ends the grant")
def test_invalid_grant_ends_the_grant_and_wipes_it(signed_in, events):
    age(TokenGrant.objects.get(), refresh_token="revoked")
    response = call(signed_in)
    assert (response.status_code, response.json()["code"]) == (401, "token.invalid_grant")
    grant = TokenGrant.objects.get()
    assert (grant.dead_reason, grant.tokens) == ("token.invalid_grant", "")
    assert [event.name for event in events][-2:] == ["token_refresh_failed", "reauth_required"]
    assert call(signed_in).json()["code"] == "grant.dead"
    assert refreshes(signed_in) == 1


def test_page_with_a_dead_grant_leads_to_sign_in_and_back(signed_in):
    age(TokenGrant.objects.get(), refresh_token="revoked")
    response = signed_in.client.get("/orders/?a=1")
    assert response.headers["Location"] == "/auth/login/acme/?next=%2Forders%2F%3Fa%3D1"


def test_invalid_grant_after_another_process_rotated_uses_its_token(signed_in):
    grant = TokenGrant.objects.get()
    age(grant, refresh_token="stale")
    newer = HeldTokens(access_token="newer", refresh_token="r", id_token="", refresh_at=time.time() + 600)

    signed_in.op.replies["/op/token"] = lambda: json_reply({"error": "invalid_grant"}, 400)
    original = grants._reload

    def reload(row: TokenGrant) -> None:
        TokenGrant.objects.filter(pk=grant.pk).update(version=5, tokens=sealed_tokens(newer, grant.identity_id))
        original(row)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grants, "_reload", reload)
        assert grants.live_access_token(grant, provider()) == "newer"
    assert TokenGrant.objects.get().dead_reason == ""


def provider() -> Any:
    from codeflow.relying_party.conf import conf

    return conf.provider("acme")


@pytest.mark.parametrize(
    "claims",
    [{"iss": "https://evil.example"}, {"sub": "other"}, {"aud": ["shop"]}, {"auth_time": 1}, {"nonce": "other"}],
    ids=["RP-84 iss", "RP-84 sub", "aud", "auth_time", "nonce"],
)
@pytest.mark.spec("OIDC Core", "12.2", "T57: a refresh never changes who signed in")
def test_refresh_about_another_sign_in_ends_the_grant(signed_in, claims):
    age(TokenGrant.objects.get())
    signed_in.op.claims.update(claims)
    assert call(signed_in).status_code == 401
    assert TokenGrant.objects.get().dead_reason.startswith(("refresh.", "id_token."))


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=500),
        Reply(status=429),
        Reply(status=302),
        Reply(body=b"{}"),
        json_reply({"error": "invalid_client"}, 401),
    ],
    ids=["500", "429", "redirect", "no token", "our secret is refused"],
)
@pytest.mark.spec("RFC 9700", "4.14", "T58: a failure says nothing about the old tokens")
def test_provider_that_cannot_answer_leaves_the_grant_alive(signed_in, reply):
    grant = TokenGrant.objects.get()
    age(grant)
    signed_in.op.replies["/op/token"] = lambda: reply
    assert call(signed_in).status_code == 503
    grant.refresh_from_db()
    assert (grant.dead_reason, grant.version) == ("", 0)
    assert grant.lease_until < time.time() + grants.BACK_OFF + 1
    del signed_in.op.replies["/op/token"]
    TokenGrant.objects.update(lease_until=0)
    assert call(signed_in).status_code == 200


def test_due_token_serves_while_the_provider_cannot_answer(signed_in):
    age(TokenGrant.objects.get(), over=False)
    signed_in.op.replies["/op/token"] = lambda: Reply(status=500)
    assert call(signed_in).status_code == 200


def test_due_token_serves_while_another_process_renews_it(signed_in):
    grant = TokenGrant.objects.get()
    age(grant, over=False)
    TokenGrant.objects.update(lease="other", lease_until=time.time() + 20)
    assert call(signed_in).status_code == 200
    assert refreshes(signed_in) == 0


def test_token_without_refresh_token_serves_to_its_end(signed_in):
    grant = TokenGrant.objects.get()
    age(grant, over=False, refresh_token="")
    assert call(signed_in).status_code == 200
    age(grant, refresh_token="")
    assert call(signed_in).json()["code"] == "grant.expired"


def test_waiting_ends_after_a_while(signed_in, monkeypatch):
    monkeypatch.setattr(grants, "PATIENCE", 0.2)
    age(TokenGrant.objects.get())
    TokenGrant.objects.update(lease="other", lease_until=time.time() + 20)
    assert call(signed_in).status_code == 503


def test_dead_process_loses_its_lease(signed_in):
    age(TokenGrant.objects.get())
    TokenGrant.objects.update(lease="killed", lease_until=time.time() - 1)
    assert call(signed_in).status_code == 200


def test_waiter_notices_that_the_person_signed_out(signed_in, monkeypatch):
    grant = TokenGrant.objects.get()
    age(grant)
    TokenGrant.objects.update(lease="other", lease_until=time.time() + 20)
    monkeypatch.setattr(grants.time, "sleep", lambda seconds: TokenGrant.objects.all().delete())
    with pytest.raises(ReauthRequired, match=r"grant\.gone"):
        grants.live_access_token(grant, provider())


def test_tokens_of_a_lost_key_ask_for_a_new_sign_in(signed_in, site):
    site.CODEFLOW_RELYING_PARTY["TOKEN_KEYS"] = ["another key"]
    assert call(signed_in).json()["code"] == "grant.dead"
    grants.revoke(TokenGrant.objects.get(), provider())
    assert not signed_in.op.requests_to("/op/revoke")


def test_tokens_open_in_rows_of_their_own_identity_alone(signed_in):
    grant = TokenGrant.objects.get()
    grant.identity_id += 1
    assert grant.held is None


@pytest.mark.django_db(transaction=True)
def test_who_waits_holds_no_database_connection(signed_in, monkeypatch):
    grant = TokenGrant.objects.get()
    age(grant)
    held: list[bool] = []

    def sleep(seconds: float) -> None:
        held.append(connections["default"].connection is not None)
        TokenGrant.objects.update(lease="", lease_until=0)

    monkeypatch.setattr(grants.time, "sleep", sleep)
    TokenGrant.objects.update(lease="another", lease_until=time.time() + 60)
    assert grants.live_access_token(grant, provider())
    assert held == [False]


@pytest.mark.django_db(transaction=True)
@pytest.mark.spec("RFC 9700", "4.14.2", "RP-83: one refresh, whoever asks")
def test_many_callers_cause_one_refresh(signed_in):
    """A provider that rotates: a second refresh with the same token would be refused."""
    age(TokenGrant.objects.get())
    answers: list[int] = []

    def ask() -> None:
        try:
            grant = TokenGrant.objects.select_related("identity").get()
            answers.append(api.ApiClient(lambda: grant, "orders").get("v1/orders").status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == [200] * 12
    assert refreshes(signed_in) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_refresh_outlives_a_callers_transaction(signed_in):
    grant = TokenGrant.objects.get()
    age(grant)

    @transaction.atomic
    def view_that_fails_after_the_call() -> None:
        grants.live_access_token(grant, provider())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        view_that_fails_after_the_call()
    assert TokenGrant.objects.get().version == 1


@pytest.mark.parametrize("path", ["https://evil.example/x", "//evil.example/x", "http://127.0.0.1:1/x"])
@pytest.mark.spec("RFC 9700", "4.10.2", "T61: the token goes to configured origins alone")
def test_path_to_another_origin_is_not_sent(signed_in, path):
    grant = TokenGrant.objects.select_related("identity").get()
    with pytest.raises(ConfigurationError, match=r"api\.origin"):
        api.ApiClient(lambda: grant, "orders").get(path)


def test_redirect_of_an_api_is_not_followed(signed_in):
    signed_in.op.replies["/api/v1/orders"] = lambda: Reply(status=302, headers={"Location": "https://evil.example/"})
    grant = TokenGrant.objects.select_related("identity").get()
    with pytest.raises(ProviderUntrusted, match=r"api\.redirect"):
        api.ApiClient(lambda: grant, "orders").get("v1/orders")


def test_api_that_cannot_be_reached(signed_in, site):
    site.ACME["apis"] = {"orders": "http://127.0.0.1:1/"}
    grant = TokenGrant.objects.select_related("identity").get()
    with pytest.raises(ProviderUnavailable, match=r"api\.unreachable"):
        api.ApiClient(lambda: grant, "orders").get("v1/orders")


def test_api_over_plain_http_gets_no_token(signed_in, site):
    site.ACME["apis"] = {"orders": "http://api.acme.example/"}
    grant = TokenGrant.objects.select_related("identity").get()
    with pytest.raises(ProviderUntrusted, match=r"api\.not_sent"):
        api.ApiClient(lambda: grant, "orders").get("v1/orders")


def test_unknown_api_is_named_with_a_guess(signed_in):
    grant = TokenGrant.objects.get()
    with pytest.raises(ConfigurationError, match="did you mean orders"):
        api.ApiClient(lambda: grant, "order").get()


def test_every_method_and_body(signed_in):
    grant = TokenGrant.objects.select_related("identity").get()
    orders = api.ApiClient(lambda: grant, "orders")
    assert orders.post("v1/a", json={"n": 1}).json() == {"path": "/api/v1/a", "method": "POST", "body": '{"n": 1}'}
    assert orders.put("v1/a", data={"n": "1 2"}).json()["body"] == "n=1+2"
    assert orders.patch("v1/a", data=b"raw", headers={"Content-Type": "text/plain"}).json()["body"] == "raw"
    assert orders.delete("v1/a").json()["method"] == "DELETE"
    assert orders.get("v1/a", params={"q": "x y"}, timeout=5).json()["path"] == "/api/v1/a?q=x+y"


def test_calls_outside_a_request(signed_in):
    user_id = RPSession.objects.get().identity.user_id
    with api.for_user(user_id, "acme", "orders") as orders:
        assert orders.get("v1/orders").status_code == 200
    TokenGrant.objects.update(dead_reason="over")
    with pytest.raises(ReauthRequired, match=r"grant\.none"), api.for_user(user_id, "acme", "orders"):
        pass
