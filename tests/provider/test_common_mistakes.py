"""The mistakes that people make most often with an authorization server: what is said names the wrong value, the right one and the fix."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.checks import run_checks
from django.utils import timezone

from codeflow.core.redirect_uris import redirect_uri_problem
from codeflow.provider import clients, doctor
from codeflow.provider.models import AccessToken, AuditEvent, RefreshToken
from tests.provider.cases.world import assert_json, assert_page
from tests.provider.exchange import Browser, Party, answer_in, code_for, tokens_for
from tests.provider.factories import REDIRECT_URI, SECRET, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    browser = Browser()
    browser.force_sign_in(UserFactory(is_staff=True, is_superuser=True))
    return browser


def words(answer):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def reasons():
    return set(AuditEvent.objects.values_list("reason", flat=True))


def test_redirect_uri_that_differs_by_a_final_slash(staff, party):
    answer = staff.authorize(party.request(redirect_uri=f"{REDIRECT_URI}/"))
    assert_page(answer)
    said = words(answer)
    assert f"sent {REDIRECT_URI}/" in said
    assert f"registered {REDIRECT_URI}" in said
    assert "only the slash at the end differs" in said
    assert "Correct redirect_uri in the client, or add the address" in said
    assert f"/client/{party.row.pk}/change/#id_redirect_uris" in answer.text


def test_client_that_is_not_known(staff, browser, party):
    wrong = party.row.client_id[:-1]
    assert "This server does not know an application with that key." in words(
        browser.authorize(party.request(client_id=wrong))
    )
    said = words(staff.authorize(party.request(client_id=wrong)))
    assert f"client_id {wrong}" in said
    assert f"Did you mean: {party.row.client_id}" in said
    assert "Compare client_id with the client's page in the admin" in said


def test_request_without_pkce_goes_back_with_words(signed_in, party):
    signed_in.authorize(party.request(code_challenge=None, code_challenge_method=None))
    answer = answer_in(signed_in.location)
    assert answer["error"] == "invalid_request"
    assert answer["error_description"] == "PKCE is required: send code_challenge, code_challenge_method=S256."


def test_scope_that_is_not_allowed_is_named(signed_in, party):
    party.row.scope = "openid"
    party.row.save()
    signed_in.authorize(party.request(scope="openid notes.read"))
    answer = answer_in(signed_in.location)
    assert answer["error"] == "invalid_scope"
    assert answer["error_description"] == "The scope notes.read is not allowed for this client."


def test_wrong_secret_is_short_outside_and_plain_in_the_log(party, caplog):
    answer = Party(party.row, secret="cfs_nothing").redeem("x")
    assert_json(answer, "invalid_client", status=401)
    assert set(answer.json()) <= {"error", "error_description"}
    assert f"…{SECRET[-4:]} of {timezone.now():%Y-%m-%d}" in caplog.text
    assert "copy it again, or make a new one" in caplog.text
    assert "cfs_nothing" not in caplog.text
    assert "wrong_secret" in reasons()


def test_retired_secret_is_recognised(party, caplog):
    clients.rotate_secret(party.row)
    party.row.secrets.filter(hint=SECRET[-4:]).update(expires=timezone.now() - timedelta(days=3, minutes=1))
    clients._known.clear()
    assert_json(party.redeem("x"), "invalid_client", status=401)
    assert f"the secret …{SECRET[-4:]} expired" in caplog.text
    assert "3 days ago: use the new one" in caplog.text
    assert "retired_secret" in reasons()


@pytest.mark.parametrize("sent", ["pbkdf2_sha256$1000000$salt$abc=", "sha256$abc"])
def test_stored_hash_in_place_of_the_secret_is_recognised(party, caplog, sent):
    answer = Party(party.row, secret=sent).redeem("x")
    assert_json(answer, "invalid_client", status=401)
    assert "looks like a stored hash, not like a secret: make a new secret" in caplog.text
    assert sent not in caplog.text
    assert "stored_hash_sent" in reasons()


def test_wrong_verifier_spends_the_code(signed_in, party):
    code = code_for(signed_in, party)
    assert_json(party.redeem(code, code_verifier="a" * 43), "invalid_grant")
    assert_json(party.redeem(code), "invalid_grant")
    assert "pkce_mismatch" in reasons()


def test_replayed_code_revokes_what_it_gave(signed_in, party):
    code = code_for(signed_in, party)
    access_token = party.redeem(code).json()["access_token"]
    assert_json(party.redeem(code), "invalid_grant")
    assert party.userinfo(access_token).status_code == 401
    assert "code_replayed" in reasons()


def test_reused_refresh_token_revokes_the_family(signed_in, party, clock):
    first = tokens_for(signed_in, party)["refresh_token"]
    party.refresh(first)
    clock.advance(seconds=3600)
    assert_json(party.refresh(first), "invalid_grant")
    assert not RefreshToken.objects.filter(revoked=None).exists()
    assert not AccessToken.objects.filter(revoked=None).exists()
    assert "refresh_token_replayed" in reasons()


def test_token_address_without_its_final_slash_works(signed_in, party):
    body = party.redemption(code_for(signed_in, party))
    assert party.post("/o/token", body).status_code == 200


def test_json_at_the_token_endpoint_is_told_the_right_form(party):
    headers = {"Content-Type": "application/json"}
    answer = party.transport.send("POST", "/o/token/", body=json.dumps({"grant_type": "x"}), headers=headers)
    found = assert_json(answer, "invalid_request", status=415)
    assert found["error_description"] == "Send the parameters as application/x-www-form-urlencoded."


@pytest.mark.parametrize(
    ("uri", "meant"),
    [("127.0.0.1:8000/cb", "http://127.0.0.1:8000/cb"), ("shop.example/cb", "https://shop.example/cb")],
)
def test_redirect_uri_without_a_scheme_is_told_the_one_that_was_meant(uri, meant):
    problem = str(redirect_uri_problem(uri))
    assert uri in problem
    assert meant in problem


def test_no_signing_key_is_an_error_of_the_checks_with_the_command(settings, tmp_path):
    settings.CODEFLOW_PROVIDER = {"KEY_STORE": f"file:{tmp_path / 'keys.pem'}"}
    (found,) = [message for message in run_checks() if message.id == "codeflow_provider.E019"]
    assert "keys.pem" in found.msg
    assert "KEY_STORE" in found.hint


def test_issuer_that_would_follow_the_host_header_is_an_error_of_the_checks(settings):
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": ""}
    (found,) = [message for message in run_checks() if message.id == "codeflow_provider.E005"]
    assert "OIDC_ISS_ENDPOINT" in found.hint


def test_issuer_with_a_slash_is_an_error_of_the_checks_that_names_both(settings):
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": "https://testserver/other"}
    (found,) = [message for message in run_checks() if message.id == "codeflow_provider.E008"]
    assert "/other" in found.msg
    assert "/o/authorize/" in found.msg


def test_doctor_names_what_is_wrong_with_a_client(party):
    party.row.redirect_uris = "http://shop.example/cb"
    party.row.pkce_required = False
    party.row.save()
    party.row.secrets.update(expires=timezone.now())
    told = {finding.check: f"{finding.what} {finding.fix}" for finding in doctor.findings(party.row.client_id)}
    everything = " ".join(f"{finding.what} {finding.fix}" for finding in doctor.findings(party.row.client_id))
    assert "http://shop.example/cb" in everything
    assert "https" in everything
    assert "Require PKCE" in told["pkce"]
    assert f"manage.py codeflow_client rotate {party.row.client_id}" in everything


def test_doctor_suggests_the_client_that_was_meant(party):
    (found,) = doctor.findings(party.row.client_id[:-1])
    assert f"Did you mean {party.row.client_id}" in found.fix
