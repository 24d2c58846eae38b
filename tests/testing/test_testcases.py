"""The mixin for suites of plain TestCase classes."""

import unittest

from django.test import SimpleTestCase

from codeflow.testing import FakeProviderMixin


def run(case: type[unittest.TestCase]) -> None:
    """Inside this test's own transaction, as Django's runner would run it."""
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    assert result.testsRun
    assert result.wasSuccessful(), result.errors + result.failures


def test_first_provider_and_people():
    class OrdersTest(FakeProviderMixin, SimpleTestCase):
        databases = "__all__"

        def test_orders(self) -> None:
            self.op.api("orders", {"/v1/orders": [7]})
            self.sign_in("alice", next_url="/orders")
            assert self.client.get("/orders").json()["orders"] == [7]

        def test_account_made_before(self) -> None:
            self.op.user("bob", email="b@x.example")
            self.sign_in("bob")
            assert self.client.get("/").json()["claims"]["email"] == "b@x.example"

    run(OrdersTest)


def test_named_provider():
    class OtherTest(FakeProviderMixin, SimpleTestCase):
        fake_provider_name = "other"

        def test_it(self) -> None:
            assert self.op.issuer == "https://login.acme.example/other/"

    run(OtherTest)
