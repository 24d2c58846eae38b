"""Many at once, over real HTTP and with real threads, on a server database with row locks; then on a SQLite file."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, connections

from codeflow.core import jose
from codeflow.provider import clients, keys
from codeflow.provider.flow import logout
from codeflow.provider.models import (
    AccessToken,
    AuditEvent,
    AuthorizationCode,
    Client,
    Consent,
    ProviderSession,
    RefreshToken,
    SigningKey,
)
from codeflow.transactions import all_or_nothing
from tests.provider.exchange import Browser, Party, answer_in
from tests.provider.factories import (
    CHALLENGE,
    SECRET,
    AccessTokenFactory,
    ClientFactory,
    CodeFactory,
    RefreshTokenFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb]

MANY = 20


def all_at_once(*tasks: Callable[[], Any]) -> list[Any]:
    """Runs the tasks in threads that start together; their results in order. Each thread closes its connections."""
    start = threading.Barrier(len(tasks))

    def run(task: Callable[[], Any]) -> Any:
        try:
            start.wait(timeout=30)
            return task()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


@pytest.fixture
def server(over_http: Callable[[], Any]) -> Callable[..., Party]:
    """Makes the same client once more, on a connection of its own."""
    keys.signing_key("RS256")

    def make(row: Client, secret: str = SECRET) -> Party:
        return Party(row, secret=secret, transport=over_http())

    return make


def statuses(answers: Sequence[Any]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def errors(answers: Sequence[Any]) -> set[str]:
    return {answer.json()["error"] for answer in answers if answer.status_code != 200}


def live(model: Any, **of: Any) -> int:
    rows = model.objects.filter(revoked=None, **of)
    return rows.filter(used_at=None).count() if model is RefreshToken else rows.count()


@pytest.mark.spec("RFC 6749", "4.1.2", "a code is redeemed once, however many ask at the same time")
@pytest.mark.spec("RFC 9700", "4.5", "a replayed code ends what was issued from it")
@pytest.mark.parametrize("public", [False, True], ids=["confidential", "public"])
def test_of_many_redemptions_of_one_code_one_succeeds_and_leaves_nothing_alive(server, public):
    code = CodeFactory(value="the-code", application=ClientFactory(public=public))
    parties = [server(code.application, "" if public else SECRET) for _ in range(MANY)]
    answers = all_at_once(*(lambda party=party: party.redeem("the-code") for party in parties))
    assert statuses(answers) == {200: 1, 400: MANY - 1}
    assert errors(answers) == {"invalid_grant"}
    assert AccessToken.objects.count() == 1
    assert RefreshToken.objects.count() == 1
    assert live(AccessToken) == live(RefreshToken) == 0
    winner = next(answer for answer in answers if answer.status_code == 200).json()
    assert parties[0].userinfo(winner["access_token"]).status_code == 401
    assert parties[0].refresh(winner["refresh_token"]).status_code == 400
    assert AuditEvent.objects.filter(event="token.issued").count() == 1


@pytest.mark.spec("RFC 9700", "4.14.2", "a refresh token never forks into two families")
@pytest.mark.parametrize("public", [False, True], ids=["confidential", "public"])
def test_of_many_uses_of_one_refresh_token_there_is_one_successor(server, public):
    row = RefreshTokenFactory(value="the-refresh-token", application=ClientFactory(public=public))
    parties = [server(row.application, "" if public else SECRET) for _ in range(MANY)]
    answers = all_at_once(*(lambda party=party: party.refresh("the-refresh-token") for party in parties))
    assert set(statuses(answers)) <= {200, 400}
    assert statuses(answers)[200] >= 1
    assert errors(answers) <= {"invalid_grant"}
    pairs = {
        (answer.json()["access_token"], answer.json()["refresh_token"])
        for answer in answers
        if answer.status_code == 200
    }
    assert len(pairs) == 1
    assert RefreshToken.objects.count() == 2
    assert AccessToken.objects.count() == 1
    if public:  # nobody can tell its retry from a thief's
        assert statuses(answers) == {200: 1, 400: MANY - 1}
        assert live(RefreshToken) == live(AccessToken) == 0
    else:
        assert statuses(answers) == {200: MANY}
        assert live(RefreshToken) == 1


@pytest.mark.spec("RFC 7009", "2.1", "a refresh that runs beside a revocation leaves nothing alive")
@pytest.mark.parametrize("round_", range(3))
def test_refresh_against_revocation_leaves_no_live_token(server, round_):
    row = RefreshTokenFactory(value="first")
    AccessTokenFactory(application=row.application, user=row.user, token_family=row.token_family)
    parties = [server(row.application) for _ in range(8)]
    tasks = [lambda party=party: party.refresh("first") for party in parties[:4]]
    tasks += [lambda party=party: party.revoke("first") for party in parties[4:]]
    answers = all_at_once(*tasks)
    assert set(statuses(answers[:4])) <= {200, 400}
    assert statuses(answers[4:]) == {200: 4}
    assert live(RefreshToken) == live(AccessToken) == 0


@pytest.mark.spec("RFC 7009", "2.1", "a refresh that runs beside a revocation leaves nothing alive")
def test_chain_of_refreshes_against_revocation_of_its_access_token(server):
    row = RefreshTokenFactory(value="first")
    AccessTokenFactory(value="given-back", application=row.application, user=row.user, token_family=row.token_family)
    first, second = server(row.application), server(row.application)

    def chain() -> int:
        token = "first"
        for links in range(30):
            answer = first.refresh(token)
            if answer.status_code != 200:
                assert answer.json()["error"] == "invalid_grant"
                return links
            token = answer.json()["refresh_token"]
        return 30

    all_at_once(chain, lambda: second.revoke("given-back"))
    assert live(RefreshToken) == live(AccessToken) == 0


def delete(model: Any, pk: Any) -> None:
    """As a person does: once more, where the database let the other side of a deadlock win."""
    all_or_nothing(lambda: model.objects.get(pk=pk).delete(), using="default")


def deactivate(user: Any) -> None:
    user = get_user_model().objects.get(pk=user.pk)
    user.is_active = False
    user.save()


def change_password(user: Any) -> None:
    user = get_user_model().objects.get(pk=user.pk)
    user.set_password("something else")
    user.save()


@pytest.mark.spec("RFC 9700", "4.5", "an exchange that runs beside a deactivation leaves nothing alive")
@pytest.mark.parametrize("end", [deactivate, change_password])
def test_redemption_against_the_end_of_the_account_leaves_no_live_token(server, end):
    for _ in range(5):
        code = CodeFactory(value="the-code")
        party = server(code.application)
        answer, _ = all_at_once(lambda: party.redeem("the-code"), lambda: end(code.user))  # noqa: B023  ends in the loop
        assert answer.status_code in (200, 400)
        assert live(RefreshToken) == live(AccessToken) == 0
        AuthorizationCode.objects.all().delete()


@pytest.mark.parametrize("end", [deactivate, change_password])
def test_refresh_against_the_end_of_the_account_leaves_no_live_token(server, end):
    for _ in range(5):
        row = RefreshTokenFactory(value="first")
        party = server(row.application)
        answer, _ = all_at_once(lambda: party.refresh("first"), lambda: end(row.user))  # noqa: B023  ends in the loop
        assert answer.status_code in (200, 400)
        assert live(RefreshToken) == live(AccessToken) == 0
        RefreshToken.objects.all().delete()


@pytest.mark.spec("RP-Initiated Logout", "2", "a code exchange beside the sign-out leaves nothing of the session alive")
def test_redemption_against_sign_out_leaves_no_live_token(server):
    for _ in range(5):
        code = CodeFactory(value="the-code", scope="openid")
        party = server(code.application)
        session = ProviderSession.objects.get(pk=code.session_id)
        answer, _ = all_at_once(
            lambda: party.redeem("the-code"),  # noqa: B023  ends in the loop
            lambda: logout.end_session(session),  # noqa: B023
        )
        assert answer.status_code in (200, 400)
        assert live(RefreshToken) == live(AccessToken) == 0
        AuthorizationCode.objects.all().delete()


def test_redemption_against_the_deletion_of_the_client_is_no_server_error(server):
    for _ in range(8):
        code = CodeFactory(value="the-code")
        party = server(code.application)
        answer, _ = all_at_once(
            lambda: party.redeem("the-code"),  # noqa: B023  ends in the loop
            lambda: delete(Client, code.application_id),  # noqa: B023
        )
        assert answer.status_code in (200, 400, 401), answer.text
        assert not AccessToken.objects.exists()
        assert not RefreshToken.objects.exists()


def test_refresh_against_the_deletion_of_the_person_is_no_server_error(server):
    for _ in range(8):
        row = RefreshTokenFactory(value="first")
        party = server(row.application)
        answer, _ = all_at_once(
            lambda: party.refresh("first"),  # noqa: B023  ends in the loop
            lambda: delete(get_user_model(), row.user_id),  # noqa: B023
        )
        assert answer.status_code in (200, 400), answer.text
        assert not AccessToken.objects.exists()
        assert not RefreshToken.objects.exists()


def test_authorization_against_the_deletion_of_the_client_is_no_server_error(over_http):
    user = UserFactory()
    browser = Browser(over_http())
    browser.open("/o/login/")
    browser.log_in(user)
    for _ in range(10):
        party = Party(ClientFactory(skip_authorization=True))
        answer, _ = all_at_once(
            lambda: browser.authorize(party.request()),  # noqa: B023  ends in the loop
            lambda: delete(Client, party.row.pk),  # noqa: B023
        )
        assert answer.status_code in (302, 303, 400), answer.text
        assert not AuthorizationCode.objects.exists()


@pytest.mark.spec("RFC 6749", "10.2", "one decision leads to one code")
def test_double_click_on_allow_makes_one_code(over_http):
    user, row = UserFactory(), ClientFactory()
    browser = Browser(over_http())
    browser.open("/o/login/")
    browser.log_in(user)
    browser.authorize(Party(row).request())
    form = browser.form("codeflow-consent")
    cookies = browser.transport.session.cookies

    def click() -> Any:
        double = Browser(over_http())
        double.transport.session.cookies = cookies.copy()
        return double.post(form.action, {**form.fields, "allow": "yes"})

    answers = all_at_once(*[click] * 10)
    with_code = [answer for answer in answers if "code" in answer_in(answer.headers.get("Location", ""))]
    assert len(with_code) == 1, [answer.status_code for answer in answers]
    assert all(answer.status_code == 400 for answer in answers if answer not in with_code)
    assert AuthorizationCode.objects.count() == 1
    assert Consent.objects.count() == 1
    browser.authorize(Party(row).request(prompt="none"))  # whoever answered last: the person is still signed in
    assert "code" in answer_in(browser.location), browser.location


def test_tabs_that_get_their_first_codes_at_once_all_get_one(over_http):
    user, row = UserFactory(), ClientFactory(skip_authorization=True)
    browser = Browser(over_http())
    browser.open("/o/login/")
    browser.log_in(user)
    cookies = browser.transport.session.cookies

    def tab() -> Any:
        other = Browser(over_http())
        other.transport.session.cookies = cookies.copy()
        return other.authorize(Party(row).request(code_challenge=CHALLENGE))

    answers = all_at_once(*[tab] * 8)
    assert all("code" in answer_in(answer.headers.get("Location", "")) for answer in answers)


@pytest.mark.spec("OIDC Core", "10.1", "processes that need a key at once agree on one")
def test_many_that_make_the_first_key_agree_on_one():
    def sign() -> str:
        keys._signing.clear()
        return keys.signing_key("ES256").kid

    kids = all_at_once(*[sign] * 12)
    assert len(set(kids)) == 1
    assert SigningKey.objects.filter(alg="ES256").count() == 1


def test_many_that_make_the_next_key_agree_on_one(clock):
    keys.signing_key("ES256")
    clock.advance(days=89, hours=12)

    def publish() -> tuple[str, ...]:
        keys._signing.clear()
        keys.signing_key("ES256")
        return tuple(key["kid"] for key in keys.published_jwks() if key["alg"] == "ES256")

    seen = all_at_once(*[publish] * 12)
    assert len(set(seen)) == 1
    assert SigningKey.objects.filter(alg="ES256").count() == 2


@pytest.mark.spec("OIDC Core", "10.1.1", "whatever is signed during a rotation can be verified")
def test_tokens_issued_while_keys_rotate_can_be_verified(server, clock):
    row = ClientFactory()
    keys.signing_key("RS256")
    clock.advance(days=89)
    keys.published_jwks()
    clock.advance(days=1, seconds=-5)
    for number in range(6):
        CodeFactory(value=f"code-{number}", application=row)
    parties = [server(row) for _ in range(6)]

    def redeem(number: int) -> Any:
        if number == 0:
            clock.advance(seconds=10)  # the next key starts to sign under way
        keys._signing.clear()
        return parties[number].redeem(f"code-{number}")

    answers = all_at_once(*(lambda number=number: redeem(number) for number in range(6)))
    assert statuses(answers) == {200: 6}
    published = keys.published_jwks()
    for answer in answers:
        jose.verify(answer.json()["id_token"], published, algorithms=["RS256"])
    assert len([key for key in published if key["alg"] == "RS256"]) == 2


def test_secret_rotation_beside_token_requests_is_no_error(server):
    row = ClientFactory()
    for number in range(8):
        CodeFactory(value=f"code-{number}", application=row)
    parties = [server(row) for _ in range(8)]
    tasks: list[Callable[[], Any]] = [
        lambda number=number: parties[number].redeem(f"code-{number}") for number in range(8)
    ]
    *answers, _ = all_at_once(*tasks, lambda: clients.rotate_secret(row))
    assert statuses(answers) == {200: 8}  # the old secret works on


def test_a_busy_client_notes_the_use_of_its_secret_without_deadlock(server):
    row = ClientFactory()
    for number in range(MANY):
        CodeFactory(value=f"code-{number}", application=row)
    parties = [server(row) for _ in range(MANY)]
    answers = all_at_once(*(lambda number=number: parties[number].redeem(f"code-{number}") for number in range(MANY)))
    assert statuses(answers) == {200: MANY}
    assert connection.vendor in ("postgresql", "sqlite", "mysql")
