"""`codeflow.testing` as a site's own suite uses it."""

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import caches
from django.test import Client

from codeflow.relying_party.flow import documents
from codeflow.relying_party.models import Identity, TokenGrant
from codeflow.testing import NotSignedIn, Reply, fake_provider, signed_in


def test_orders(client):
    """The example of the documentation, word for word."""
    with fake_provider("acme") as op:
        op.user("alice", email="a@x.example", groups=["shop-admins"])
        op.api("orders", {"/v1/orders": []})
        signed_in(client, op, "alice")
        assert client.get("/orders").status_code == 200
        op.misbehave("iss_wrong")
        assert "could not trust" in client.get("/auth/login/acme/", follow=True).content.decode()


@pytest.fixture
def op():
    with fake_provider("acme") as provider:
        provider.user("alice", email="a@x.example")
        yield provider


def test_signed_in_is_the_whole_flow(client, op):
    response = signed_in(client, op, "alice", next_url="/orders")
    assert (response.status_code, response.headers["Location"]) == (303, "/orders")
    assert [request.path for request in op.requests] == [
        "/.well-known/openid-configuration",
        "/token",
        "/jwks",
        "/userinfo",
    ]
    assert op.ways.metadata == {}
    home = client.get("/").json()
    assert home["claims"]["email"] == "a@x.example"
    assert home["sub"] == op.state.people["alice"].sub
    assert get_user_model().objects.get().email == "a@x.example"


def test_redirects_can_be_followed_all_the_way(client, op):
    response = client.get("/auth/login/acme/?next=/", follow=True)
    assert [url.partition("?")[0] for url, _ in response.redirect_chain] == [
        "https://login.acme.example/authorize",
        "http://testserver/auth/callback/acme/",
        "/",
    ]
    assert response.json()["claims"]["name"] == "Alice"


def test_people_take_turns(op):
    op.user("bob", sub="bob-1", groups=["staff"], locale="nb")
    for name in ("alice", "bob"):
        client = Client()
        signed_in(client, op, name)
        assert client.get("/").json()["claims"]["preferred_username"] == name
    assert Identity.objects.get(sub="bob-1").claims["locale"] == "nb"
    op.at_the_browser("alice")
    signed_in(Client(), op, "alice")
    assert get_user_model().objects.count() == 2


def test_same_person_has_the_same_subject_in_every_test(op):
    first = op.user("carol").sub
    with fake_provider("acme") as again:
        assert again.user("carol").sub == first


def test_step_up_is_asked_and_met(client, op):
    signed_in(client, op, "alice")
    assert client.get("/step-up").status_code == 302
    assert client.get("/step-up", follow=True).content == b"strong enough"


def test_step_up_can_be_had_at_once(client, op):
    signed_in(client, op, "alice", acr="urn:mfa", max_age=900, scope="orders")
    assert client.get("/step-up").status_code == 200


def test_person_who_cannot_do_better(client, op):
    op.user("weak", acr="urn:pwd")
    with pytest.raises(NotSignedIn, match=r"id_token\.acr") as refused:
        signed_in(client, op, "weak", acr="urn:mfa")
    assert refused.value.response.status_code == 403


def test_api_answers(client, op):
    op.api("orders", {"GET /v1/orders": [1], "POST /v1/report": lambda request: {"asked": request.json()}})
    op.api("orders", {"/v1/other": Reply.json({}, 204)})
    signed_in(client, op, "alice")
    assert client.get("/orders").json() == {"orders": [1], "status": 200}
    assert client.post("/report").json() == {"asked": {"month": 11}}
    assert op.requests[-1].bearer in op.state.access_tokens


def test_api_does_not_know_the_path(client, op):
    signed_in(client, op, "alice")
    assert client.get("/orders").json()["status"] == 404


def test_tokens_are_renewed(client, op):
    op.api("orders", {"/v1/orders": []})
    signed_in(client, op, "alice")
    op.expire_access_tokens()
    assert client.get("/orders").status_code == 200
    assert [request.form["grant_type"] for request in op.requests_to("/token")] == [
        "authorization_code",
        "refresh_token",
    ]
    assert TokenGrant.objects.get().version == 1


def test_sign_out_everywhere_comes_back(client, op):
    signed_in(client, op, "alice")
    response = client.post("/auth/logout/", {"everywhere": "1"}, follow=True)
    assert response.redirect_chain[0][0].startswith("https://login.acme.example/logout?")
    assert response.redirect_chain[1][0].startswith("http://testserver/auth/signed-out/?state=")
    assert response.status_code == 200
    assert op.requests_to("/revoke")


def test_end_of_a_session_without_a_way_back(client, op):
    response = client.get("/logout", secure=True, SERVER_NAME="login.acme.example")
    assert b"signed out" in response.content


def test_two_providers_on_one_host(op):
    with fake_provider("other") as other:
        other.user("alice", sub="another-alice")
        for provider in (op, other):
            signed_in(Client(), provider, "alice")
    assert {identity.issuer for identity in Identity.objects.all()} == {op.issuer, other.issuer}
    assert not [request for request in op.requests if "/other/" in request.url]


def test_nothing_outlives_the_block(client):
    with fake_provider("acme") as op:
        op.user("alice")
        signed_in(client, op, "alice")
    assert not documents._local
    assert not [key for key in caches["default"]._cache if "document" in key]
    response = Client(raise_request_exception=False).get("/auth/login/acme/")
    assert response.status_code >= 400


def test_answer_by_form_post(client, op, site):
    site.ACME["response_mode"] = "form_post"
    signed_in(client, op, "alice", next_url="/orders")
    assert client.get("/").json()["claims"]["name"] == "Alice"


def test_refused_answer_by_form_post(client, op, site):
    site.ACME["response_mode"] = "form_post"
    op.misbehave("state_wrong")
    with pytest.raises(NotSignedIn):
        signed_in(client, op, "alice")


def test_site_with_a_public_url(client, op, site):
    site.CODEFLOW_RELYING_PARTY["PUBLIC_URL"] = "https://shop.example"
    site.ALLOWED_HOSTS = ["*"]
    signed_in(client, op, "alice")
    assert client.get("/", secure=True).json()["claims"]["name"] == "Alice"


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_every_client_authentication(client, site, method):
    site.ACME["token_endpoint_auth_method"] = method
    if method == "none":
        site.ACME["client_secret"] = ""
    with fake_provider("acme") as op:
        op.user("alice")
        signed_in(client, op, "alice")


def test_mistakes_of_the_test_are_named(client, op):
    with pytest.raises(LookupError, match="makes one"):
        op.at_the_browser("nobody")
    with pytest.raises(LookupError, match="they name: orders"):
        op.api("order", {})
    with pytest.raises(LookupError, match="iss_wrong"):
        op.misbehave("iss_wronk")
    op.state.people.clear()
    with pytest.raises(LookupError, match="makes one"):
        op.authorize("https://login.acme.example/authorize?state=a")
    assert repr(op) == "<FakeProvider 'acme' at https://login.acme.example>"


def test_an_unreachable_start_is_told(client, op):
    op.misbehave("metadata_down")
    with pytest.raises(NotSignedIn, match=r"metadata\.unreachable, reference") as refused:
        signed_in(client, op, "alice")
    assert refused.value.response.status_code == 503


def test_page_that_is_no_front_channel_is_the_sites_own(client, op):
    assert client.get("/token", SERVER_NAME="login.acme.example", secure=True).status_code in (400, 404)
