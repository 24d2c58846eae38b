"""Every page of both roles in an admin whose theme is django-unfold's: it answers, and its controls are there."""

import json

import pytest

from tests.projects.test_shapes import run

pytest.importorskip("unfold", reason="pip install django-unfold")

PAGES = """
import json, re, django
django.setup()
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client as Browser
from django.test.utils import setup_test_environment
from django.urls import reverse

call_command("migrate", verbosity=0)
call_command("createcachetable", verbosity=0)
setup_test_environment()

from codeflow.provider import audit, clients, keys
from codeflow.provider.models import *
from codeflow.relying_party.models import *
from tests.provider import factories

person = factories.UserFactory()
client, _secret = clients.register_client(name="Shop", redirect_uris=["https://shop.example/cb"], client_id="shop")
session = factories.ProviderSessionFactory(user=person)
session.clients.add(client)
code = factories.CodeFactory(application=client, user=person, redeemed_at=session.auth_time)
grant = {"application": client, "user": person, "token_family": code.pk}
rows = [
    client, session, code, factories.AccessTokenFactory(**grant), factories.RefreshTokenFactory(**grant),
    factories.ConsentFactory(user=person, client=client, asked_scope="openid notes.write", text={"openid": "Who you are"}),
    LogoutDelivery.objects.create(client=client, sub="1", sid="x"),
]
keys.signing_key("RS256")
rows.append(SigningKey.objects.first())
audit.record("token.refused", outcome="refused", client_id="shop", reference="7F3K-Q2")
rows.append(AuditEvent.objects.order_by("pk").last())
identity = Identity.objects.create(subject_key="k", provider_key="acme", issuer="https://testserver/o", sub="1", user=person)
held = TokenGrant.objects.create(identity=identity, scope="openid", expires_at=1.0)
rows += [identity, held, RPSession.objects.create(identity=identity, grant=held, issuer=identity.issuer, id_token_exp=1)]

browser = Browser(raise_request_exception=False)
boss = get_user_model().objects.create_superuser("boss", password="x")
browser.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
found = {}

def look(name, url, **data):
    page = browser.post(url, data, secure=True) if data else browser.get(url, secure=True)
    found[name] = [page.status_code, page.content.decode()]

def list_of(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")

for row in rows:
    name = row._meta.model_name
    look(f"{name} list", list_of(row))
    look(f"{name} row", reverse(f"admin:{row._meta.app_label}_{name}_change", args=[row.pk]))
look("client add", reverse("admin:codeflow_provider_client_add"))
look("grant", reverse("admin:codeflow_provider_grant", args=[code.pk]))
look("revoke question", list_of(AccessToken), action="revoke", _selected_action=AccessToken.objects.get().pk)
look("unlink question", list_of(Identity), action="unlink", _selected_action=identity.pk)
look("make next", reverse("admin:codeflow_provider_signingkey_make_next", args=["RS256"]))
look("providers", reverse("admin:codeflow_relying_party_signinprovider_changelist"))
look("provider", reverse("admin:codeflow_relying_party_signinprovider_provider", args=["acme"]))
look("index", reverse("admin:index"))
print("PAGES" + json.dumps(found))
"""

CONTROLS = {
    "accesstoken list": ['value="revoke_of_person"', 'name="q"', "expiring=hour"],
    "accesstoken row": ["Revoke this grant", "Revoke all of this person"],
    "refreshtoken list": ['value="revoke"', "kind=offline"],
    "refreshtoken row": ["Revoke this grant"],
    "authorizationcode row": ["code and tokens"],
    "consent list": ['value="withdraw"', "Change your notes"],
    "consent row": ["Withdraw this consent"],
    "providersession list": ['value="sign_out_everywhere"'],
    "providersession row": ["Sign this person out everywhere"],
    "signingkey list": ["Make next"],
    "signingkey row": ["What can be done with it", 'aria-disabled="true"'],
    "auditevent list": ["Export as CSV", "Export as JSON", "codeflow-dates", "outcome__exact=refused"],
    "auditevent row": ["7F3K-Q2", "A request for tokens was refused."],
    "grant": ["refresh token", "Revoke this grant"],
    "revoke question": ['name="confirmed"', 'value="Revoke"', "Lose access at once: 1 person, 2 tokens"],
    "make next": ['value="Make next"'],
    "identity list": ['value="unlink"'],
    "unlink question": ['name="confirmed"', 'value="Unlink"'],
    "tokengrant list": ['value="revoke"'],
    "rpsession list": ['value="end_sessions"'],
    "providers": ["acme", "https://testserver/o"],
    "provider": ["Test connection", "Try sign-in", 'data-copy="redirect_uri"'],
    "index": ["Sign-in providers", "Audit events"],
}


@pytest.fixture(scope="module")
def pages() -> dict[str, tuple[int, str]]:
    finished = run("unfold", PAGES)
    assert finished.returncode == 0, finished.stdout[-2000:] + finished.stderr[-4000:]
    found: dict[str, tuple[int, str]] = json.loads(finished.stdout.rpartition("PAGES")[2])
    return found


def test_every_page_answers(pages):
    assert len(pages) > 30
    assert {name: status for name, (status, _text) in pages.items() if status != 200} == {}


@pytest.mark.parametrize("name", CONTROLS)
def test_controls_of_each_page_are_there(pages, name):
    _status, text = pages[name]
    assert [control for control in CONTROLS[name] if control not in text] == []
