"""Step 2: the person grants or denies."""

import pytest

from codeflow.core.errors import ConsentRequired, InvalidRequest
from codeflow.provider.flow import step2_consent as step2
from codeflow.provider.flow.messages import Destination
from codeflow.provider.models import Consent
from tests.provider.exchange import Party, answer_in
from tests.provider.factories import ClientFactory, ConsentFactory, UserFactory
from tests.provider.flow.test_step2_authentication import asked


def request(client=None, **fields):
    if client is not None:
        uri = fields.pop("redirect_uri", "https://rp.example/cb")
        fields["destination"] = Destination(client=client, redirect_uri=uri, state="")
    return asked(**fields)


def stored(scope, resource=()):
    return Consent(scope=scope, resource=list(resource))


@pytest.mark.spec("RFC 6749", "10.2", "a stored consent covers the same scopes and resources or fewer")
@pytest.mark.parametrize(
    ("scopes", "resource", "consent", "needed"),
    [
        (("openid",), (), None, True),
        (("openid",), (), stored("openid profile"), False),
        (("openid", "email"), (), stored("openid profile"), True),
        (("openid",), ("https://a/",), stored("openid"), True),
        (("openid",), ("https://a/",), stored("openid", ["https://a/", "https://b/"]), False),
        (("open",), (), stored("openid"), True),
    ],
)
def test_stored_consent(scopes, resource, consent, needed):
    assert step2.consent_needed(request(scopes=scopes, resource=resource), consent) is needed


def test_prompt_decides_first():
    consent = stored("openid")
    assert step2.consent_needed(request(prompts=frozenset({"consent"})), consent)
    assert not step2.consent_needed(request(prompts=frozenset({"none"})), consent)
    with pytest.raises(ConsentRequired):
        step2.consent_needed(request(prompts=frozenset({"none"})), None)


def test_trusted_client_is_not_asked_for_unless_it_wants_to():
    client = ClientFactory.build(skip_authorization=True)
    assert not step2.consent_needed(request(client), None)
    assert step2.consent_needed(request(client, prompts=frozenset({"consent"})), None)


@pytest.mark.spec("RFC 8252", "8.6", "a client that anybody can impersonate is asked for each time")
@pytest.mark.parametrize(
    ("redirect_uri", "needed"),
    [("https://rp.example/cb", False), ("http://127.0.0.1:1/cb", True), ("com.example:/", True)],
)
def test_public_client_is_only_known_by_its_https_address(redirect_uri, needed):
    client = ClientFactory.build(public=True)
    assert step2.consent_needed(request(client, redirect_uri=redirect_uri), stored("openid")) is needed


@pytest.mark.django_db
def test_consent_grows_and_never_shrinks():
    user, client = UserFactory(), ClientFactory()
    for scopes, resource in (
        (("openid", "email"), ("https://a/",)),
        (("openid",), ()),
        (("openid", "profile"), ("https://b/",)),
    ):
        step2.remember_consent(user, request(client, scopes=scopes, resource=resource))
    consent = Consent.objects.get()
    assert consent.scope.split() == ["openid", "email", "profile"]
    assert consent.resource == ["https://a/", "https://b/"]
    assert str(consent) == f"Consent #{consent.pk}"


@pytest.mark.django_db
def test_new_scopes_are_those_that_were_not_allowed_before():
    consent = ConsentFactory(scope="openid")
    assert step2.new_scopes(request(scopes=("openid", "email")), consent) == {"email"}
    assert step2.new_scopes(request(scopes=("openid", "email")), None) == frozenset()


def test_pending_decisions_are_five_at_most_and_each_is_taken_once(clock):
    session = {}
    ids = []
    for number in range(7):
        clock.advance(seconds=1)
        ids.append(step2.keep_pending(session, {"number": number}))
    assert len(set(ids)) == 7
    assert len(session[step2.SESSION_KEY]) == 5
    for gone in (ids[0], ids[1], "", "guess"):
        with pytest.raises(InvalidRequest) as refused:
            step2.take_pending(session, gone)
        assert refused.value.redirectable is False
    assert step2.take_pending(session, ids[6])["number"] == 6
    with pytest.raises(InvalidRequest):
        step2.take_pending(session, ids[6])


def test_clocks_of_two_servers_may_differ_a_little(clock):
    session = {}
    decision_id = step2.keep_pending(session, {"a": 1})
    clock.advance(seconds=-30)
    assert step2.take_pending(session, decision_id)["a"] == 1


def test_pending_decisions_live_ten_minutes(clock):
    session = {}
    decision_id = step2.keep_pending(session, {})
    clock.advance(seconds=601)
    with pytest.raises(InvalidRequest):
        step2.take_pending(session, decision_id)


LOOPBACK = "http://127.0.0.1/cb"


@pytest.mark.spec("RFC 8252", "8.6", "people are asked where another app can pose as the client")
@pytest.mark.parametrize(
    ("public", "redirect_uri", "spared"),
    [
        (True, LOOPBACK, False),
        (True, "com.example:/cb", False),
        (True, "https://rp.example/cb", True),
        (False, LOOPBACK, True),
    ],
)
def test_spared_question_is_honoured_for_clients_that_nobody_can_pose_as(public, redirect_uri, spared):
    client = ClientFactory.build(public=public, skip_authorization=True)
    assert step2.consent_needed(request(client, redirect_uri=redirect_uri), None) is not spared
    silent = request(client, redirect_uri=redirect_uri, prompts=frozenset({"none"}))
    if spared:
        assert not step2.consent_needed(silent, None)
    else:
        with pytest.raises(ConsentRequired):
            step2.consent_needed(silent, stored("openid"))


@pytest.mark.django_db
@pytest.mark.spec("OIDC Core", "3.1.2.6", "prompt=none gets consent_required where people must be asked")
def test_public_client_on_a_device_cannot_spare_people_the_question(signed_in):
    """Such a row can stand in the database from before, or come in past `clean`."""
    row = ClientFactory(public=True, redirect_uris=LOOPBACK, skip_authorization=True)
    party = Party(row, secret="", redirect_uri="http://127.0.0.1:50000/cb")
    for _ in range(2):
        signed_in.authorize(party.request())
        signed_in.allow()
        assert answer_in(signed_in.location)["code"]
        signed_in.authorize(party.request(prompt="none"))
        assert answer_in(signed_in.location)["error"] == "consent_required"
