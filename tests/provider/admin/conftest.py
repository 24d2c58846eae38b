"""A member of staff in front of the admin, and everything a full flow leaves behind."""

import json
import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client as Browser
from django.urls import reverse

from codeflow.provider.models import Client

CALLBACK = "https://shop.example/auth/callback/acme/"
STAFF_PASSWORD = "staff only"


@dataclass
class Staff:
    """Somebody signed in to the admin. `post` keeps what the page's form holds unless it is changed."""

    browser: Browser
    user: Any = None
    page: Any = field(default=None, repr=False)

    def open(self, url: str) -> Any:
        self.page = self.browser.get(url, secure=True)
        return self.page

    def post(self, url: str, **data: Any) -> Any:
        self.page = self.browser.post(url, data, secure=True)
        return self.page

    def act(self, model: str, action: str, *rows: Any, **data: Any) -> Any:
        """Runs a list's action on `rows`."""
        data = {"action": action, "_selected_action": [row.pk for row in rows], **data}
        return self.post(changelist(model), **data)

    def text(self) -> str:
        return unescape(self.page.content.decode())

    def said(self) -> str:
        """The page's words without its tags, white space made one."""
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.text()))


def changelist(model: str) -> str:
    return reverse(f"admin:codeflow_provider_{model}_changelist")


def change(row: Any) -> str:
    return reverse(f"admin:codeflow_provider_{row._meta.model_name}_change", args=(row.pk,))


def staff_with(*permissions: str, superuser: bool = False) -> Staff:
    user = get_user_model().objects.create_user(
        username=f"staff{get_user_model().objects.count()}",
        password=STAFF_PASSWORD,
        is_staff=True,
        is_superuser=superuser,
    )
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    browser = Browser()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return Staff(browser, user)


@pytest.fixture
def boss(db: None) -> Staff:
    return staff_with(superuser=True)


@pytest.fixture
def registrar(db: None) -> Staff:
    """Looks after clients and their secrets, and is no superuser."""
    return staff_with("view_client", "add_client", "change_client", "rotate_secret")


def client_form(**changed: Any) -> dict[str, Any]:
    """What the browser posts from the add form when three questions are answered."""
    return {
        "client_type": "confidential",
        "name": "Shop",
        "redirect_uris": CALLBACK,
        "client_id": "shop",
        "scope": ["openid", "profile", "email", "offline_access"],
        "post_logout_redirect_uris": "",
        "backchannel_logout_uri": "",
        "frontchannel_logout_uri": "",
        "allowed_origins": "",
        "pkce_required": "on",
        "token_endpoint_auth_method": "",
        "id_token_signed_response_alg": "",
        "userinfo_signed_response_alg": "",
        "access_token_format": "opaque",
        "access_token_lifetime": "",
        "refresh_token_policy": "always",
        "subject_type": "public",
        "sector_identifier": "",
        **changed,
    }


ADD = "/admin/codeflow_provider/client/add/"


class _Controls(HTMLParser):
    """What a browser would post of the page's forms, as they are filled in."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self._textarea = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        name, value = held.get("name") or "", held.get("value") or ""
        if tag == "textarea":
            self._textarea = name
            self.values[name] = [""]
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in held:
            self.values[self._select] = [value]
        elif tag == "input" and name and (held.get("type") not in ("checkbox", "radio", "submit") or "checked" in held):
            self.values.setdefault(name, []).append(value or ("on" if "checked" in held else ""))

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.values[self._textarea][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = ""


def filled_in(page: Any) -> dict[str, list[str]]:
    """The admin form of the page, ready to be posted."""
    controls = _Controls()
    controls.feed(page.content.decode())
    return controls.values


def management_form(count: int = 0) -> dict[str, Any]:
    return {"secrets-TOTAL_FORMS": count, "secrets-INITIAL_FORMS": count}


def secret_on(page: Any) -> str:
    found = re.search(r'id="client_secret">(cfs_[^<]+)<', page.content.decode())
    assert found, page.content.decode()[-3000:]
    return found[1]


def registered(staff: Staff, **changed: Any) -> tuple[Client, str]:
    """A confidential client added in the admin, and its secret as the page showed it."""
    page = staff.post(ADD, **client_form(**changed))
    return Client.objects.get(client_id=changed.get("client_id", "shop")), secret_on(page)


def session_text(staff: Staff) -> str:
    return json.dumps(dict(staff.browser.session.items()))
