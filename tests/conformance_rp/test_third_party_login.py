"""oidcc-client-test-3rd-party-init-login-test-plan."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.conformance_rp.suite import ISSUER

pytestmark = pytest.mark.django_db


@pytest.mark.spec("OIDC Core", "4", "the initiation address leads to the provider's authorization endpoint")
def test_oidcc_client_test_3rd_party_init_login(suite):
    response = suite.client.get("/auth/initiate/", {"iss": ISSUER})
    for _ in range(3):  # a page or a redirect of the site's own may stand between
        location = response.headers.get("Location", "")
        if not location.startswith("/"):
            break
        response = suite.client.get(location)
    assert location.startswith(f"{ISSUER}authorize?")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    assert (asked["response_type"], asked["client_id"]) == ("code", "client id/with+more")
    pairs = dict(suite.op.authorize(location).pairs)
    assert suite.client.get("/auth/callback/suite/", pairs).status_code == 303
    assert suite.is_signed_in
