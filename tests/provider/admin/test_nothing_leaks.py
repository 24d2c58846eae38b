"""After a full flow, no page of the admin holds a secret, a code, a token or a hash of one."""

import re

import pytest
from django.apps import apps
from django.contrib import admin

from codeflow.provider.models import (
    AccessToken,
    AuthorizationCode,
    Client,
    ClientSecret,
    IDToken,
    RefreshToken,
    SigningKey,
)
from tests.provider.admin.conftest import CALLBACK, changelist, registered, secret_on
from tests.provider.exchange import Party, code_for
from tests.provider.factories import PASSWORD, VERIFIER

pytestmark = pytest.mark.django_db

MODELS = [
    model
    for model in apps.get_app_config("codeflow_provider").get_models()
    if model in admin.site._registry and model is not IDToken
]
"""Ours that the admin shows."""


def a_full_flow(staff, browser, user):
    """Registration, sign-in, consent, code, tokens, refresh, rotation: every value that somebody may not see."""
    row, secret = registered(staff, scope=["openid", "profile", "email", "offline_access", "notes.read"])
    party = Party(row, secret=secret, redirect_uri=CALLBACK)
    browser.sign_in(user)
    code = code_for(browser, party, prompt="consent")
    first = party.redeem(code).json()
    second = party.refresh(first["refresh_token"]).json()
    newest = staff.open(f"/admin/codeflow_provider/client/{row.pk}/rotate-secret/").context["newest"]
    rotated = secret_on(
        staff.post(f"/admin/codeflow_provider/client/{row.pk}/rotate-secret/", overlap="24", newest=newest)
    )
    tokens = [
        answer[name]
        for answer in (first, second)
        for name in ("access_token", "refresh_token", "id_token")
        if name in answer
    ]
    assert len(tokens) >= 5
    return {secret, rotated, code, VERIFIER, PASSWORD, *tokens}


def hashes_and_keys():
    found = {
        *map(str, AccessToken.objects.values_list("token_checksum", flat=True)),
        *map(str, RefreshToken.objects.values_list("token_checksum", flat=True)),
        *RefreshToken.objects.exclude(successor="").values_list("successor", flat=True),
        *AuthorizationCode.objects.values_list("code_hash", flat=True),
        *(value.removeprefix("sha256$") for value in ClientSecret.objects.values_list("hash", flat=True)),
        *SigningKey.objects.values_list("private_key", flat=True),
    }
    assert len(found) >= 7
    return found


def pages_of(staff):
    """Every page of the admin that links lead to (filters and orders aside), and the questions before an action."""
    todo, seen = ["/admin/"], {}
    while todo:
        url = todo.pop()
        if url in seen or "logout" in url or "jsi18n" in url:
            continue
        page = staff.open(url)
        seen[url] = page.content.decode()
        links = re.findall(r'href="(/admin/[^"#?]*)', seen[url]) if page.status_code == 200 else []
        todo += links
    for model in MODELS:
        rows = list(model.objects.all()[:2])
        for action in ("disable", "end_grants", "revoke", "withdraw", "sign_out"):
            if rows and staff.open(changelist(model._meta.model_name)).status_code == 200:
                staff.act(model._meta.model_name, action, *rows)
                seen[f"{model._meta.model_name} {action}"] = staff.page.content.decode()
    return seen


def test_no_page_of_the_admin_holds_a_value_or_a_hash_of_one(boss, browser, user):
    values = a_full_flow(boss, browser, user)
    hashes = hashes_and_keys()
    pages = pages_of(boss)
    for model in MODELS:
        row = model.objects.first()
        if row is not None:
            assert f"/admin/codeflow_provider/{model._meta.model_name}/{row.pk}/change/" in pages
    assert f"/admin/codeflow_provider/client/{Client.objects.get().pk}/history/" in pages
    assert len(pages) > 40
    leaks = [(url, value[:12]) for url, text in pages.items() for value in values | hashes if value in text]
    assert leaks == []
