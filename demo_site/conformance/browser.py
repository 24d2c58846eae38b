"""The suite's own configuration: issuer, clients, and what its browser does on our pages, by their stable ids.

The form of the browser's commands is the suite's: ["text", "id", ID, value], ["click", "css", selector],
["wait", "css", selector, seconds, regular expression, "update-image-placeholder"], ["wait", "match", regular expression of the
address, seconds]. docs/reference/pages.md lists the ids.
"""

import re
from typing import Any

from demo_site.conformance.configuration import FRONTCHANNEL, Configuration

LOGIN = "#codeflow-login"
ALLOW = "#codeflow-allow"
LOGOUT = "#codeflow-logout"
ERROR = "#codeflow-error"
SIGNED_OUT = "#codeflow-signed-out"

SECONDS = 10
SCREENSHOT, SCREENSHOT_IF_ASKED = "update-image-placeholder", "update-image-placeholder-optional"

SHOW_SECOND_LOGIN = ("oidcc-prompt-login", "oidcc-max-age-1")
SHOW_AUTHORIZATION_ERROR = ("oidcc-ensure-registered-redirect-uri", "oidcc-ensure-request-object-with-redirect-uri")
SHOW_LOGOUT_ERROR = (
    "oidcc-rp-initiated-logout-bad-post-logout-redirect-uri",
    "oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri",
    "oidcc-rp-initiated-logout-modified-id-token-hint",
    "oidcc-rp-initiated-logout-bad-id-token-hint",
    "oidcc-rp-initiated-logout-no-id-token-hint",
)
SHOW_SIGNED_OUT = (
    "oidcc-rp-initiated-logout-no-params",
    "oidcc-rp-initiated-logout-no-post-logout-redirect-uri",
    "oidcc-rp-initiated-logout-only-state",
)

Task = dict[str, Any]


def suite_configuration(configuration: Configuration) -> dict[str, Any]:
    """The JSON to paste into the suite's form for a test plan."""
    browser = Script(configuration)
    overrides = {
        **_each(SHOW_SECOND_LOGIN, browser.authorization(show_login=True)),
        **_each(SHOW_AUTHORIZATION_ERROR, browser.authorization_error()),
        **_each(SHOW_LOGOUT_ERROR, browser.authorization(), browser.logout(show=ERROR)),
        **_each(SHOW_SIGNED_OUT, browser.authorization(), browser.logout(show=SIGNED_OUT)),
    }
    return {
        "alias": configuration.alias,
        "description": "codeflow",
        "server": {
            "discoveryUrl": f"{configuration.issuer}/.well-known/openid-configuration",
            "login_hint": configuration.username,
        },
        **{
            client.role: {"client_id": client.client_id, "client_secret": client.client_secret}
            for client in configuration.clients
        },
        "browser": [browser.authorization(), browser.logout()],
        "override": overrides,
    }


class Script:
    """Blocks of the suite's `browser` list: which address starts one, and its tasks in order."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.authorize_pages = f"{configuration.issuer}/authorize*"
        self.login_pages = f"{configuration.issuer}/login*"
        self.logout_pages = f"{configuration.issuer}/logout*"

    def authorization(self, *, show_login: bool = False) -> Task:
        """Sign in where asked, allow where asked, arrive."""
        return {
            "match": self.authorize_pages,
            "tasks": [self._login(show_login), self._allow(), self._arrive("callback")],
        }

    def authorization_error(self) -> Task:
        """Our page says what is wrong before anybody is asked to sign in."""
        return {"match": self.authorize_pages, "tasks": [_show("Error page", self.authorize_pages, ERROR)]}

    def logout(self, *, show: str = "") -> Task:
        """Confirm where asked, and arrive at post_logout_redirect_uri or show the page with `show`."""
        frames = [self._wait_for("post_logout_redirect")] if self.configuration.logout == FRONTCHANNEL else []
        confirm = {
            "task": "Confirm",
            "match": self.logout_pages,
            "optional": True,
            "commands": [["click", "css", f"{LOGOUT} button", "optional"], *frames],
        }
        last = _show("Last page", self.logout_pages, show) if show else self._arrive("post_logout_redirect")
        return {"match": self.logout_pages, "tasks": [last] if show == ERROR else [confirm, last]}

    def _login(self, show: bool) -> Task:
        screenshot = [["wait", "css", LOGIN, SECONDS, ".*", SCREENSHOT_IF_ASKED]] if show else []
        return {
            "task": "Sign in",
            "match": self.login_pages,
            "optional": True,
            "commands": [
                *screenshot,
                ["text", "id", "id_username", self.configuration.username],
                ["text", "id", "id_password", self.configuration.password],
                ["click", "css", f"{LOGIN} button"],
            ],
        }

    def _allow(self) -> Task:
        return {
            "task": "Allow",
            "match": self.authorize_pages,
            "optional": True,
            "commands": [["click", "css", ALLOW, "optional"], self._wait_for("callback")],
        }

    def _wait_for(self, name: str) -> list[Any]:
        """Until the page has gone on by itself, as form_post and the frames of a logout do."""
        return ["wait", "match", f"^{re.escape(self.configuration.base)}/{name}", SECONDS]

    def _arrive(self, name: str) -> Task:
        """Named in full: a pattern such as */callback* would also match our own address, which holds the redirect_uri."""
        task: Task = {"task": "Arrive", "match": f"{self.configuration.base}/{name}*"}
        return {**task, "commands": [["wait", "id", "submission_complete", SECONDS]]} if name == "callback" else task


def _show(task: str, pages: str, selector: str) -> Task:
    return {"task": task, "match": pages, "commands": [["wait", "css", selector, SECONDS, ".*", SCREENSHOT]]}


def _each(modules: tuple[str, ...], *blocks: Task) -> dict[str, Task]:
    return {module: {"browser": list(blocks)} for module in modules}
