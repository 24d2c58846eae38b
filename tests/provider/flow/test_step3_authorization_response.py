"""Step 3: the code, and the answer that carries it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from codeflow.core.errors import AccessDenied, InvalidRequest
from codeflow.provider.flow import step3_authorization_response as step3
from codeflow.provider.flow.messages import Destination
from codeflow.provider.models import AuthorizationCode
from codeflow.provider.models.tokens import token_hash
from tests.provider.exchange import ISSUER, answer_in
from tests.provider.factories import REDIRECT_URI, ClientFactory, ProviderSessionFactory
from tests.provider.flow.test_step2_authentication import asked


@pytest.fixture
def request_(db):
    return asked(
        destination=Destination(client=ClientFactory(), redirect_uri=REDIRECT_URI, state="a b&c"),
        scopes=("openid", "email"),
        nonce="n",
        code_challenge="c" * 43,
        resource=("https://a.example/",),
    )


@pytest.mark.spec("RFC 6749", "4.1.2", "a code is bound to what was asked, and rests as a hash")
def test_row_holds_everything_the_exchange_needs_and_no_code(request_):
    session = ProviderSessionFactory(acr="1")
    code = step3.issue_code(request_, session)
    row = AuthorizationCode.objects.get()
    assert row.code_hash == token_hash(code)
    assert code not in str(row.__dict__)
    assert (row.application, row.user, row.session) == (request_.client, session.user, session)
    assert (row.scope, row.nonce, row.redirect_uri, row.resource) == (
        "openid email",
        "n",
        REDIRECT_URI,
        ["https://a.example/"],
    )
    assert (row.auth_time, row.acr, row.amr) == (session.auth_time, "1", "pwd")
    assert row.redeemed_at is None
    assert str(row) == f"AuthorizationCode #{row.pk}"


@pytest.mark.spec("RFC 6749", "4.1.2", "a code lives ten minutes at most")
@pytest.mark.parametrize(("setting", "seconds"), [(60, 60), (3600, 600)])
def test_lifetime(request_, settings, setting, seconds):
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "AUTHORIZATION_CODE_EXPIRE_SECONDS": setting}
    step3.issue_code(request_, ProviderSessionFactory())
    left = AuthorizationCode.objects.get().expires - timezone.now()
    assert abs(left - timedelta(seconds=seconds)) < timedelta(seconds=5)


def test_one_decision_makes_one_code(request_):
    session = ProviderSessionFactory()
    step3.issue_code(request_, session, decision_id="d")
    with pytest.raises(InvalidRequest) as refused:
        step3.issue_code(request_, session, decision_id="d")
    assert refused.value.redirectable is False
    step3.issue_code(request_, session)
    step3.issue_code(request_, session)
    assert AuthorizationCode.objects.count() == 3


@pytest.mark.spec("RFC 9207", "2", "iss is in every answer, errors included")
def test_answers(request_):
    success = step3.response_uri(request_.destination, step3.success(request_.destination, "the code"))
    assert answer_in(success) == {"code": "the code", "state": "a b&c", "iss": ISSUER}
    error = AccessDenied(reason="denied_by_user", detail="for the log")
    failure = step3.response_uri(request_.destination, step3.failure(request_.destination, error))
    assert answer_in(failure) == {
        "error": "access_denied", "error_description": "The request was denied.", "state": "a b&c", "iss": ISSUER
    }  # fmt: skip
    assert "log" not in failure
