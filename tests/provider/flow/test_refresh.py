"""Refresh: used once, replaced, and what a second use means."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from codeflow.core import jose
from codeflow.core.errors import InvalidGrant, InvalidRequest, InvalidScope, InvalidTarget
from codeflow.core.token import TokenRequest
from codeflow.provider import claims, grants, keys
from codeflow.provider.flow import logout, refresh
from codeflow.provider.flow.claims_parameter import ClaimsParameter
from codeflow.provider.models import AccessToken, RefreshToken
from codeflow.provider.models.tokens import token_digest
from tests.provider.factories import AccessTokenFactory, ClientFactory, ProviderSessionFactory, RefreshTokenFactory

pytestmark = pytest.mark.django_db


def use(row, value="first", resource=(), **changes):
    request = TokenRequest(**{"refresh_token": value, **changes})
    return refresh.refresh_tokens(request, row.application, keys.signing_key("ES256"), resource)


def stored(refreshed):
    return AccessToken.objects.get(token_checksum=token_digest(refreshed.response.access_token))


def alive():
    return RefreshToken.objects.filter(revoked=None, used_at=None).count()


@pytest.mark.spec("RFC 9700", "4.14.2", "a refresh token is replaced by its use")
def test_successor_carries_the_grant_on():
    row = RefreshTokenFactory(value="first", acr="1", amr="pwd")
    refreshed = use(row)
    successor = RefreshToken.objects.get(used_at=None)
    for name in ("token_family", "scope", "user", "application", "auth_time", "acr", "amr", "family_expires"):
        assert getattr(successor, name) == getattr(row, name)
    access_token = stored(refreshed)
    assert access_token.token_family == row.token_family
    assert str(successor) == f"RefreshToken #{successor.pk}"
    assert str(access_token) == f"AccessToken #{access_token.pk}"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"revoked": timezone.now()}, "revoked"),
        ({"user__is_active": False}, "user_inactive"),
        ({"application__is_active": False}, "client_inactive"),
        ({"expires": timezone.now() - timedelta(seconds=1)}, "refresh_token_expired"),
        ({"family_expires": timezone.now() - timedelta(seconds=1)}, "refresh_token_expired"),
    ],
)
def test_token_that_cannot_be_used(fields, reason):
    row = RefreshTokenFactory(value="first", **fields)
    with pytest.raises(InvalidGrant) as refused:
        use(row)
    assert refused.value.reason == reason
    assert RefreshToken.objects.count() == 1


def test_token_missing_unknown_or_of_another_client():
    row = RefreshTokenFactory(value="first")
    with pytest.raises(InvalidRequest):
        use(row, "")
    with pytest.raises(InvalidGrant):
        use(row, "unknown")
    with pytest.raises(InvalidGrant) as refused:
        use(RefreshTokenFactory(application=ClientFactory()))
    assert refused.value.reason == "refresh_token_of_another_client"
    assert use(row)


@pytest.mark.spec("RFC 6749", "6", "the scope may be narrowed, never widened, and the grant stays")
def test_scope():
    row = RefreshTokenFactory(value="first", scope="openid notes.read offline_access")
    with pytest.raises(InvalidScope):
        use(row, scope="openid notes.write")
    narrowed = use(row, scope="notes.read notes.read")
    assert narrowed.response.scope == "notes.read"
    assert narrowed.response.id_token == ""
    assert AccessToken.objects.get().scope == "notes.read"
    assert RefreshToken.objects.get(used_at=None).scope == row.scope


def test_resource():
    row = RefreshTokenFactory(value="first", resource=["https://a.example/", "https://b.example/"])
    with pytest.raises(InvalidTarget):
        use(row, resource=("https://c.example/",))
    assert stored(use(row, resource=("https://a.example/",))).resource == ["https://a.example/"]
    assert RefreshToken.objects.get(used_at=None).resource == row.resource


@pytest.mark.spec("RFC 9700", "4.14.2", "an honest retry gets the same successor")
def test_honest_retry():
    row = RefreshTokenFactory(value="first")
    first, again = use(row).response, use(row).response
    assert (again.access_token, again.refresh_token, again.scope) == (
        first.access_token,
        first.refresh_token,
        first.scope,
    )
    assert again.id_token
    assert RefreshToken.objects.count() == 2
    assert AccessToken.objects.count() == 1


@pytest.mark.spec(
    "OIDC Core", "11", "a retry gives no access token back that a sign-out has ended, but the grant goes on"
)
@pytest.mark.parametrize("ended", ["by the sign-out", "by a revocation", "by its age", "and was cleared"])
def test_retry_after_the_access_token_ended_gets_a_fresh_one(ended):
    session = ProviderSessionFactory()
    resource = ("https://a.example/", "https://b.example/")
    row = RefreshTokenFactory(value="first", session=session, user=session.user, resource=list(resource))
    first = use(row, resource=resource[:1]).response
    if ended == "by the sign-out":
        logout.end_session(session)
    elif ended == "by a revocation":
        AccessToken.objects.update(revoked=timezone.now())
    elif ended == "by its age":
        AccessToken.objects.update(expires=timezone.now())
    else:
        AccessToken.objects.all().delete()
    again = use(row, resource=resource[:1]).response
    assert again.refresh_token == first.refresh_token
    assert again.access_token != first.access_token
    assert grants.live_access_token(first.access_token) is None
    fresh = grants.live_access_token(again.access_token)
    assert (fresh.token_family, fresh.resource, fresh.scope) == (row.token_family, ["https://a.example/"], first.scope)
    assert use(row, resource=resource[:1]).response.access_token == again.access_token  # and no more of them
    assert alive() == 1


@pytest.mark.spec("RFC 9700", "4.14.2", "any other second use ends the family")
@pytest.mark.parametrize("why", ["late", "successor used", "successor gone", "public"])
def test_replay_ends_the_family(why, clock):
    row = RefreshTokenFactory(value="first", application__public=why == "public")
    AccessTokenFactory(token_family=row.token_family)
    successor = use(row).response
    if why == "late":
        clock.advance(seconds=61)
    elif why == "successor used":
        use(row, successor.refresh_token)
    elif why == "successor gone":
        RefreshToken.objects.filter(used_at=None).delete()
    with pytest.raises(InvalidGrant) as refused:
        use(row)
    assert refused.value.reason == "refresh_token_replayed"
    assert alive() == 0
    assert not AccessToken.objects.filter(revoked=None).exists()


def test_retry_of_a_revoked_family_revives_nothing():
    row = RefreshTokenFactory(value="first")
    use(row)
    RefreshToken.objects.update(revoked=timezone.now())
    with pytest.raises(InvalidGrant) as refused:
        use(row)
    assert refused.value.reason == "revoked"


def test_successor_that_cannot_be_opened_counts_as_a_replay():
    row = RefreshTokenFactory(value="first", used_at=timezone.now(), successor="damaged")
    with pytest.raises(InvalidGrant) as refused:
        use(row)
    assert refused.value.reason == "refresh_token_replayed"


def test_token_that_somebody_uses_meanwhile_is_a_retry(monkeypatch):
    row = RefreshTokenFactory(value="first")
    check, others = refresh._check_scope, []

    def meanwhile(found, request):
        monkeypatch.setattr(refresh, "_check_scope", check)
        others.append(use(row).response)
        return check(found, request)

    monkeypatch.setattr(refresh, "_check_scope", meanwhile)
    assert use(row).response.refresh_token == others[0].refresh_token
    assert RefreshToken.objects.count() == 2


def test_idle_lifetime_never_outlives_the_grant():
    soon = timezone.now() + timedelta(minutes=5)
    row = RefreshTokenFactory(value="first", family_expires=soon)
    use(row)
    assert RefreshToken.objects.get(used_at=None).expires == soon


ASKED = json.dumps(
    {"userinfo": {"email": None, "name": None}, "id_token": {"email": None, "given_name": None, "acr": None}}
)


@pytest.mark.spec("OIDC Core", "5.5", "a narrowed refresh gives no claims of the scopes that were left out")
def test_narrowed_refresh_loses_the_claims_by_name_and_the_next_has_them_again():
    row = RefreshTokenFactory(value="first", scope="openid email profile offline_access", claims=ASKED)
    narrowed = use(row, scope="openid")
    assert claims_of(narrowed) == (set(), set())
    for again in (use(row, scope="openid"), use(row)):  # an honest retry gets no more
        assert claims_of(again) == (set(), set())
    partly = use(row, narrowed.response.refresh_token, scope="openid email")
    assert claims_of(partly) == ({"email"}, {"email"})
    whole = use(row, partly.response.refresh_token)
    assert claims_of(whole) == ({"email", "name"}, {"email", "given_name"})
    assert RefreshToken.objects.get(used_at=None).claims == row.claims


def test_claims_by_name_beyond_the_scopes_survive_a_narrowed_refresh():
    """The consent covered them by themselves: no scope of the grant stood for them."""
    row = RefreshTokenFactory(value="first", scope="openid notes.read offline_access", claims=ASKED)
    assert claims_of(use(row, scope="openid")) == ({"email", "name"}, {"email", "given_name"})


def claims_of(refreshed):
    """Names of the person's claims: at userinfo by the access token, and in the ID token."""
    userinfo = set(ClaimsParameter.parse(refreshed.grant.claims).userinfo)
    row = stored(refreshed)
    assert set(claims.userinfo_claims(row.user, ["openid"], row.claims)) == userinfo
    id_token = jose.parse(refreshed.response.id_token)[1]
    return userinfo, {"email", "email_verified", "name", "given_name", "family_name"} & id_token.keys()
