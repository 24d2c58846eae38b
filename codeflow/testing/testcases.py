"""For test suites without pytest: class OrdersTest(FakeProviderMixin, TestCase)."""

from typing import TYPE_CHECKING, Any

from django.http import HttpResponseBase

from codeflow.relying_party.conf import conf
from codeflow.testing.fake import FakeProvider
from codeflow.testing.kit import fake_provider, signed_in

if TYPE_CHECKING:
    from django.test import SimpleTestCase
else:
    SimpleTestCase = object


class FakeProviderMixin(SimpleTestCase):
    """`self.op` is up during each test; `self.sign_in("alice")` signs `self.client` in."""

    fake_provider_name = ""
    """A key of PROVIDERS; "" is the first."""
    op: FakeProvider

    def setUp(self) -> None:
        super().setUp()
        up = fake_provider(self.fake_provider_name or conf.provider_names[0])
        self.op = up.__enter__()
        self.addCleanup(up.__exit__, None, None, None)

    def sign_in(self, name: str, **options: Any) -> HttpResponseBase:
        """As `signed_in`, with an account made where there is none yet."""
        if name not in self.op.state.people:
            self.op.user(name)
        return signed_in(self.client, self.op, name, **options)
