"""Small rules of the steps that no round trip reaches."""

import pytest

from codeflow.core.metadata import ProviderMetadata
from codeflow.http import Answer
from codeflow.relying_party.errors import ReauthRequired
from codeflow.relying_party.flow.configuration import Provider
from codeflow.relying_party.flow.profile import kept_claims
from codeflow.relying_party.flow.refresh import refresh_at
from codeflow.relying_party.flow.step1_authorization_request import Demand, authorization_url, new_login
from codeflow.relying_party.flow.step5_token_request import _clock_skew


@pytest.mark.spec("OIDC Core", "3.1.2.1", "RP-07: openid is always asked for")
def test_openid_is_always_asked_for():
    provider = Provider(name="a", issuer="https://a.example", client_id="shop", scope="email", prompt="consent")
    pending = new_login(
        provider, redirect_uri="https://s.example/cb", next_url="/", now=0, demand=Demand(scope="email x")
    )
    metadata = ProviderMetadata(
        issuer="https://a.example", authorization_endpoint="https://a.example/authorize?tenant=1"
    )
    url = authorization_url(pending, provider, metadata)
    assert url.startswith("https://a.example/authorize?tenant=1&response_type=code")
    assert "scope=openid+email+x" in url
    assert "prompt=consent" in url
    assert pending.code_verifier not in url + repr(pending)


@pytest.mark.parametrize(("life", "ahead"), [(3600, 360), (600, 60), (120, 30), (40, 20)])
def test_token_is_due_a_tenth_of_its_life_ahead(life, ahead):
    assert refresh_at(1000, 1000 + life) == 1000 + life - ahead


@pytest.mark.parametrize("date", ["", "yesterday", "Tue, 99 Nov 2026 25:61:61 GMT"])
def test_unreadable_date_tells_no_skew(date):
    assert _clock_skew(Answer(status_code=200, headers={"Date": date}, body=b""), 0.0) is None


def test_date_tells_the_skew():
    answer = Answer(status_code=200, headers={"Date": "Thu, 01 Jan 1970 00:01:00 GMT"}, body=b"")
    assert _clock_skew(answer, 154.0) == 94


def test_kept_claims_fit_a_row():
    many = {f"claim{number}": "x" * 1000 for number in range(100)}
    kept = kept_claims({**many, "nonce": "n", "acr": "a", "sub": "s"})
    assert len(str(kept)) < 20_000
    assert not {"nonce", "acr"} & set(kept)


def test_errors_say_code_and_detail():
    error = ReauthRequired("grant.dead", "revoked", provider="acme", max_age=5)
    assert (str(error), error.outcome, error.status_code) == ("grant.dead: revoked", "F", 401)
