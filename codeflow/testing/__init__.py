"""The test kit for sites that use codeflow: a provider without sockets, and people who sign in through the real views.

    with fake_provider("acme") as op:
        op.user("alice", email="a@x.example", groups=["shop-admins"])
        op.api("orders", {"/v1/orders": []})
        signed_in(client, op, "alice")

The names are imported on first use, because pytest loads its plugins before Django has its settings.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codeflow.testing.fake import FakeProvider as FakeProvider
    from codeflow.testing.kit import NotSignedIn as NotSignedIn
    from codeflow.testing.kit import fake_provider as fake_provider
    from codeflow.testing.kit import signed_in as signed_in
    from codeflow.testing.messages import Reply as Reply
    from codeflow.testing.messages import Request as Request
    from codeflow.testing.misbehaviours import MISBEHAVIOURS as MISBEHAVIOURS
    from codeflow.testing.people import Person as Person
    from codeflow.testing.testcases import FakeProviderMixin as FakeProviderMixin

_PLACES = {
    "FakeProvider": "fake",
    "FakeProviderMixin": "testcases",
    "MISBEHAVIOURS": "misbehaviours",
    "NotSignedIn": "kit",
    "Person": "people",
    "Reply": "messages",
    "Request": "messages",
    "fake_provider": "kit",
    "signed_in": "kit",
}

__all__ = sorted(_PLACES)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"codeflow.testing.{_PLACES[name]}"), name)
