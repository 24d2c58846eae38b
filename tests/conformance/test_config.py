"""oidcc-config-certification-test-plan."""

import pytest

from tests.conformance.metadata import check_discovery, check_jwks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.mark.spec("OIDC Discovery", "3, 4.2", "the metadata document")
def test_oidcc_discovery_endpoint_verification(suite):
    check_discovery(suite)
    check_jwks(suite)
