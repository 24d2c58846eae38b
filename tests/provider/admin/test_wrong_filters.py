"""Filters that somebody typed into the address: what no column can hold is no filter, in any list of either role, on any database."""

import pytest
from django.contrib import admin
from django.contrib.admin.views.main import ERROR_FLAG
from django.test import RequestFactory

from tests.provider.admin.conftest import changelist

pytestmark = pytest.mark.django_db

BEYOND_EVERY_NUMBER = "9" * 30


def lists():
    """Each list of rows of ours that has a filter by text, with that filter."""
    for model in admin.site._registry:
        options = model._meta
        texts = {field.name for field in options.fields} & {"client_type", "alg", "event", "provider_key"}
        if options.app_label.startswith("codeflow") and not options.proxy:
            yield from (
                (f"/admin/{options.app_label}/{options.model_name}/", f"{name}__exact") for name in sorted(texts)
            )


def wrong_filter(staff, path, **query):
    """The list's answer, followed as a browser would."""
    page = staff.browser.get(path, query, secure=True)
    assert page.headers.get("Location") == f"{path}?{ERROR_FLAG}=1", (path, query)
    return staff.browser.get(page.headers["Location"], secure=True)


def test_nul_in_a_filter_leads_back_to_the_whole_list(boss):
    tried = list(lists())
    assert len(tried) >= 4
    for path, name in tried:
        assert wrong_filter(boss, path, **{name: "a\x00b"}).status_code == 200


NUMBERS = (
    ("client", "user"),
    ("consent", "client"),
    ("accesstoken", "application"),
    ("providersession", "user"),
    ("logoutdelivery", "client"),
    ("signingkey", "pk__in"),
    ("auditevent", "pk__in"),
)


@pytest.mark.parametrize(("model", "name"), NUMBERS)
def test_number_that_no_key_reaches_finds_nothing_or_leads_back(boss, model, name):
    """SQLite cannot be asked with it, PostgreSQL finds nothing."""
    page = boss.browser.get(changelist(model), {name: BEYOND_EVERY_NUMBER}, secure=True)
    assert page.status_code in (200, 302)


@pytest.mark.parametrize("key", ["x", BEYOND_EVERY_NUMBER, "1\x00"])
def test_rows_chosen_by_impossible_keys_are_a_bad_request(boss, key):
    asked = RequestFactory().get("/admin/")
    asked.user = boss.user
    for model in admin.site._registry:
        actions = admin.site._registry[model].get_actions(asked)
        options = model._meta
        if not options.app_label.startswith("codeflow") or options.proxy or not actions:
            continue
        path = f"/admin/{options.app_label}/{options.model_name}/"
        sent = {"action": next(iter(actions)), "_selected_action": key}
        assert boss.browser.post(path, sent, secure=True).status_code == 400, path
