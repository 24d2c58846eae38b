"""Before secrets and keys, staff prove again who they are."""

import pytest
from django.contrib.auth import get_user_model

from codeflow.provider.models import AuditEvent
from tests.provider.admin.conftest import STAFF_PASSWORD
from tests.provider.factories import ClientFactory

pytestmark = pytest.mark.django_db

WORDS = "more than 15 minutes ago"


def rotate_url(client):
    return f"/admin/codeflow_provider/client/{client.pk}/rotate-secret/"


def test_sign_in_of_the_last_minutes_is_enough(registrar, clock):
    client = ClientFactory()
    clock.advance(minutes=14)
    assert registrar.open(rotate_url(client)).status_code == 200
    clock.advance(minutes=2)
    assert registrar.open(rotate_url(client)).status_code == 403
    assert WORDS in registrar.said()
    assert "no-store" in registrar.page.headers["Cache-Control"]


def test_right_password_leads_back_to_the_page_and_holds_for_a_while(registrar, clock):
    client = ClientFactory()
    clock.advance(minutes=16)
    registrar.open(rotate_url(client))
    registrar.post(rotate_url(client), codeflow_password=STAFF_PASSWORD, codeflow_method="GET")
    assert registrar.page.status_code == 302
    assert registrar.page.headers["Location"] == rotate_url(client)
    clock.advance(minutes=14)
    assert registrar.open(rotate_url(client)).status_code == 200


def test_what_was_posted_is_carried_through_the_question(registrar, clock):
    client = ClientFactory()
    newest = registrar.open(rotate_url(client)).context["newest"]
    clock.advance(minutes=16)
    registrar.post(rotate_url(client), newest=newest, overlap="24")
    assert registrar.page.status_code == 403
    assert client.secrets.count() == 1
    kept = dict(registrar.page.context["kept"])
    assert kept == {"newest": newest, "overlap": "24"}
    registrar.post(rotate_url(client), **kept, codeflow_password=STAFF_PASSWORD, codeflow_method="POST")
    assert "cfs_" in registrar.text()
    assert client.secrets.count() == 2


def test_wrong_passwords_are_recorded_and_end_the_session(registrar, clock):
    client = ClientFactory()
    clock.advance(minutes=16)
    for _ in range(4):
        registrar.post(rotate_url(client), codeflow_password="guess", codeflow_method="GET")
        assert "This is not your password." in registrar.said()
        assert "guess" not in registrar.text()
    registrar.post(rotate_url(client), codeflow_password="guess", codeflow_method="GET")
    assert registrar.open(rotate_url(client)).status_code == 302
    assert "/login/" in registrar.page.headers["Location"]
    rows = AuditEvent.objects.filter(event="staff.password", outcome="refused", reason="wrong_password")
    assert rows.count() == 5


def test_guesses_count_for_the_account_whatever_the_session_remembers(registrar, clock):
    """Requests side by side all read the same count from the session, and a stolen cookie can be sent as it was."""
    client = ClientFactory()
    clock.advance(minutes=16)
    for _ in range(10):
        registrar.post(rotate_url(client), codeflow_password="guess", codeflow_method="GET")
        assert registrar.page.status_code == 403
        session = registrar.browser.session
        del session["_codeflow_admin_password"]
        session.save()
    registrar.post(rotate_url(client), codeflow_password=STAFF_PASSWORD, codeflow_method="GET")
    assert registrar.page.status_code == 429
    assert int(registrar.page.headers["Retry-After"]) > 0
    assert registrar.open(rotate_url(client)).status_code == 403


def test_password_of_somebody_else_proves_nothing(registrar, clock):
    get_user_model().objects.create_user("other", password="somebody else's")
    clock.advance(minutes=16)
    registrar.post(rotate_url(ClientFactory()), codeflow_password="somebody else's", codeflow_method="GET")
    assert "This is not your password." in registrar.said()


def test_person_without_a_password_is_told_to_sign_in_again(registrar, clock):
    client = ClientFactory()
    registrar.user.set_unusable_password()
    registrar.user.save()
    registrar.browser.force_login(registrar.user, backend="django.contrib.auth.backends.ModelBackend")
    clock.advance(minutes=16)
    registrar.open(rotate_url(client))
    assert "Sign out and in again" in registrar.said()
    assert 'type="password"' not in registrar.text()


def test_site_can_turn_the_question_off(registrar, clock, settings):
    settings.CODEFLOW_PROVIDER = {"ADMIN_PASSWORD_SECONDS": None}
    clock.advance(days=1)
    assert registrar.open(rotate_url(ClientFactory())).status_code == 200
