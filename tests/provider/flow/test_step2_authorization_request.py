"""Step 2: the checks of an Authentication Request, one by one."""

import pytest

from codeflow.core.errors import InvalidRequest, InvalidScope, InvalidTarget, OAuthError
from codeflow.provider.flow import step2_authorization_request as step2
from tests.provider.factories import CHALLENGE, REDIRECT_URI, ClientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return ClientFactory()


def request(client, **changes):
    good = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": REDIRECT_URI,
        "scope": "openid",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return [(name, value) for name, value in {**good, **changes}.items() if value is not None]


def check(client, **changes):
    parameters = request(client, **changes)
    return step2.check_request(step2.check_destination(parameters), parameters)


def test_good_request_is_read_in_full(client):
    checked = check(
        client, state="s", nonce="n", prompt="login consent", max_age="60", acr_values="1 2", login_hint="h"
    )
    assert checked.client == client
    assert checked.destination.state == "s"
    assert (checked.nonce, checked.max_age, checked.acr_values, checked.login_hint) == ("n", 60, ("1", "2"), "h")
    assert checked.prompts == {"login", "consent"}
    assert checked.code_challenge == CHALLENGE
    assert "nonce" not in repr(checked)


@pytest.mark.spec("RFC 6749", "4.1.2.1", "an error about client or redirect_uri is a page")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"client_id": None}, "client_id_missing"),
        ({"client_id": "nobody"}, "unknown_client"),
        ({"client_id": "x\x00"}, "unknown_client"),
        ({"client_id": "x" * 256}, "too_long"),
        ({"redirect_uri": None}, "redirect_uri_missing"),
        ({"redirect_uri": "https://evil.example/"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "x" * 2001}, "too_long"),
        ({"state": "x" * 4097}, "too_long"),
    ],
)
def test_destination_that_cannot_be_trusted(client, changes, reason):
    with pytest.raises(InvalidRequest) as refused:
        step2.check_destination(request(client, **changes))
    assert refused.value.reason == reason
    assert refused.value.redirectable is False


def test_uri_registered_before_the_rules_were_stricter_is_not_used():
    client = ClientFactory(redirect_uris="https://rp.example/cb?code=x")
    with pytest.raises(InvalidRequest) as refused:
        step2.check_destination(request(client, redirect_uri="https://rp.example/cb?code=x"))
    assert refused.value.reason == "redirect_uri_unsafe"


@pytest.mark.parametrize(
    ("changes", "error", "reason"),
    [
        ({"response_type": None}, InvalidRequest, "response_type_missing"),
        ({"response_type": "token"}, OAuthError, "response_type"),
        ({"response_mode": "fragment"}, InvalidRequest, "response_mode"),
        ({"scope": None}, InvalidScope, "scope_missing"),
        ({"scope": ""}, InvalidScope, "scope_malformed"),
        ({"scope": "nonsense"}, InvalidScope, "scope_unknown"),
        ({"scope": "notes.write"}, InvalidScope, "scope_not_allowed"),
        ({"nonce": "x" * 2049}, InvalidRequest, "too_long"),
        ({"nonce": "a\nb"}, InvalidRequest, "control_character"),
        ({"anything": "x" * 16_385}, InvalidRequest, "too_long"),
        ({"code_challenge": None}, InvalidRequest, "pkce"),
        ({"code_challenge": None, "code_challenge_method": None}, InvalidRequest, "pkce"),
        ({"code_challenge_method": "plain"}, InvalidRequest, "pkce"),
        ({"code_challenge": "short"}, InvalidRequest, "pkce"),
        ({"prompt": "none login"}, InvalidRequest, "prompt"),
        ({"prompt": "create"}, InvalidRequest, "prompt"),
        ({"max_age": "-1"}, InvalidRequest, "max_age"),
        ({"max_age": "1.5"}, InvalidRequest, "max_age"),
        ({"max_age": "\u0661"}, InvalidRequest, "max_age"),
        ({"max_age": "9" * 10}, InvalidRequest, "max_age"),
        ({"id_token_hint": "x"}, InvalidRequest, "id_token_hint"),
        ({"resource": "https://api.example/"}, InvalidTarget, "resource"),
    ],
)
def test_each_rule_is_refused_by_name(client, changes, error, reason):
    with pytest.raises(error) as refused:
        check(client, **changes)
    assert refused.value.reason == reason
    assert refused.value.redirectable


@pytest.mark.spec("OIDC Core", "11", "offline_access that a client may not have is left out, not refused")
def test_offline_access_is_dropped_where_it_is_not_allowed():
    client = ClientFactory(scope="openid")
    assert check(client, scope="openid offline_access").scopes == ("openid",)
    with pytest.raises(InvalidScope):
        check(client, scope="offline_access")


@pytest.mark.spec("OIDC Core", "3.1.2.1", "unknown scopes beside openid are ignored")
def test_scopes_in_the_order_asked_each_once(client):
    assert check(client, scope="profile openid profile x").scopes == ("profile", "openid")


def test_default_scopes_are_those_of_the_settings(client, settings):
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "DEFAULT_SCOPES": ["openid"]}
    assert check(client, scope=None).scopes == ("openid",)


def test_resources_each_once(client, settings):
    settings.CODEFLOW_PROVIDER = {"RESOURCES": ["https://a.example/", "https://b.example/"]}
    pairs = request(client) + [("resource", f"https://{host}.example/") for host in "aba"]
    checked = step2.check_request(step2.check_destination(pairs), pairs)
    assert checked.resource == ("https://a.example/", "https://b.example/")


def test_form_post_is_noticed_before_anything_can_fail(client):
    assert step2.check_destination(request(client, response_mode="form_post")).form_post
    assert not step2.check_destination(
        [*request(client, response_mode="form_post"), ("response_mode", "query")]
    ).form_post


@pytest.mark.spec("RFC 9700", "2.1.1", "only a confidential client can be exempt from PKCE")
def test_exemption_from_pkce():
    assert (
        check(ClientFactory(pkce_required=False), code_challenge=None, code_challenge_method=None).code_challenge == ""
    )
    with pytest.raises(InvalidRequest):
        check(ClientFactory(public=True, pkce_required=False), code_challenge=None, code_challenge_method=None)
