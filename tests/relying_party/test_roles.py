"""Groups and staff by the rules of the settings: what is missing says nothing, what is not managed is not touched."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from codeflow.relying_party.roles import apply_roles, claimed_roles

RULES = {
    "claim": "groups",
    "map": {"shop-admins": "Admins", "shop-staff": "Staff"},
    "staff": ["shop-admins", "shop-staff"],
    "superuser": ["shop-root"],
}


@pytest.fixture
def ruled(browser: Any, site: Any) -> Any:
    site.ACME["groups"] = RULES
    return browser


def sign_in(browser: Any, groups: Any) -> Any:
    browser.op.claims["groups"] = groups
    browser.client.logout()
    assert browser.sign_in().status_code == 303
    return get_user_model().objects.get()


def names(user: Any) -> set[str]:
    return set(user.groups.values_list("name", flat=True))


@pytest.mark.spec("OWASP", "mass assignment", "RP-76: roles follow an explicit list, and nothing else")
def test_mapped_values_give_and_take_roles(ruled, events):
    user = sign_in(ruled, ["shop-admins", "unmapped"])
    assert (names(user), user.is_staff, user.is_superuser) == ({"Admins"}, True, False)
    user = sign_in(ruled, ["shop-staff"])
    assert (names(user), user.is_staff) == ({"Staff"}, True)
    updated = next(event for event in reversed(events) if event.name == "claims_updated")
    assert (updated.details["roles"], updated.details["changed"]) == (["+group Staff", "-group Admins"], ["groups"])
    user = sign_in(ruled, [])
    assert (names(user), user.is_staff) == (set(), False)


@pytest.mark.parametrize("groups", [..., None, 7, {"shop-staff": True}])
def test_missing_or_malformed_claim_changes_nothing(ruled, groups):
    sign_in(ruled, ["shop-admins"])
    user = sign_in(ruled, groups)
    assert (names(user), user.is_staff) == ({"Admins"}, True)


def test_groups_of_the_site_are_not_touched(ruled):
    user = sign_in(ruled, ["shop-admins"])
    user.groups.add(Group.objects.create(name="Own"))
    assert names(sign_in(ruled, [])) == {"Own"}


def test_last_superuser_is_not_demoted(ruled, caplog):
    user = sign_in(ruled, ["shop-root", "shop-admins"])
    assert (user.is_superuser, user.is_staff) == (True, True)
    user = sign_in(ruled, [])
    assert (user.is_superuser, user.is_staff, names(user)) == (True, True, set())
    assert "the last superuser keeps is_superuser" in caplog.text
    get_user_model().objects.create_superuser("root", password="x")
    ruled.op.claims["groups"] = []
    ruled.client.logout()
    ruled.sign_in()
    user.refresh_from_db()
    assert (user.is_superuser, user.is_staff) == (False, False)


def test_inactive_superuser_does_not_count(ruled):
    user = sign_in(ruled, ["shop-root"])
    get_user_model().objects.create_superuser("root", password="x", is_active=False)
    ruled.op.claims["groups"] = []
    ruled.client.logout()
    ruled.sign_in()
    user.refresh_from_db()
    assert user.is_superuser


def test_without_rules_no_claim_gives_anything(browser, events):
    user = sign_in(browser, ["shop-admins"])
    assert (names(user), user.is_staff) == (set(), False)
    events.clear()
    sign_in(browser, ["shop-admins"])
    assert "claims_updated" not in [event.name for event in events]


def test_rules_without_a_map_manage_no_group(ruled, site):
    site.ACME["groups"] = {"claim": "groups", "staff": ["shop-staff"]}
    user = sign_in(ruled, ["shop-admins", "shop-staff"])
    assert (names(user), user.is_staff) == (set(), True)


@pytest.mark.parametrize(
    ("claims", "claim", "expected"),
    [
        ({"groups": ["a", 1]}, "groups", {"a"}),
        ({"groups": "a"}, "groups", {"a"}),
        ({"realm_access": {"roles": ["a"]}}, "realm_access.roles", {"a"}),
        ({"https://shop.example/roles": ["a"]}, "https://shop.example/roles", {"a"}),
        ({"realm_access": ["roles"]}, "realm_access.roles", None),
        ({}, "groups", None),
    ],
)
def test_claim_is_found_by_name_or_by_path(claims, claim, expected):
    assert claimed_roles(claims, claim) == expected


def test_changes_are_named(ruled):
    user = sign_in(ruled, [])
    assert apply_roles(user, "acme", {"groups": ["shop-staff"]}) == ["+group Staff", "+is_staff"]


def test_user_that_a_hook_names_gets_roles_at_once(ruled, site, events):
    site.ACME["on_identity"] = lambda claims, provider: get_user_model().objects.create_user("alice")
    user = sign_in(ruled, ["shop-admins"])
    assert (user.username, names(user)) == ("alice", {"Admins"})
    assert "account_linked" in [event.name for event in events]
