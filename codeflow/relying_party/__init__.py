"""The relying party (client) role: steps 1, 4, 5 and 7 of the flow, as a Django app.

Public names: `oidc_required` (a decorator) and `api` (calls outside a request: `api.for_user`). They are imported on
first use, because an app's package may not import models while Django starts.
"""

from importlib import import_module
from typing import Any

__all__ = ["api", "oidc_required"]


def __getattr__(name: str) -> Any:
    if name == "api":
        return import_module("codeflow.relying_party.api")
    if name == "oidc_required":
        return import_module("codeflow.relying_party.decorators").oidc_required
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
