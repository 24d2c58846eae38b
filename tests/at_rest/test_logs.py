"""Log lines: no forged ones, and no person in them."""

import logging

import pytest
from django.contrib.auth import get_user_model

from tests.end_to_end.in_process.conftest import sign_in
from tests.provider.exchange import FORM, InProcess, basic

FORGED = "x\r\nERROR forged line\u2028another"


@pytest.mark.spec("CWE-117", "1", "AR-18: what is sent cannot forge a line")
@pytest.mark.django_db
def test_line_breaks_that_are_sent_begin_no_line(settings, caplog):
    settings.ROOT_URLCONF = "tests.provider.urls"
    caplog.set_level(logging.DEBUG)
    client = InProcess()
    for path in ("/o/token/", "/o/introspect/", "/o/revoke/", "/o/userinfo/", "/o/logout/", "/o/authorize/"):
        for name in ("client_id", "grant_type", "code", "redirect_uri", "scope", "token", "state", "id_token_hint"):
            fields = {"client_id": "shop", name: FORGED}
            body = "&".join(f"{key}={value}" for key, value in fields.items()).encode()
            headers = {"Content-Type": FORM, "Authorization": basic(FORGED, FORGED)}
            client.send("POST", path, body=body, headers=headers)
            client.send("GET", f"{path}?{name}=x%0D%0AERROR%20forged%20line", headers={"Authorization": "Bearer x"})
    assert caplog.records
    for record in caplog.records:
        own = record.name.startswith("codeflow")
        assert not (own and "forged" in record.getMessage() and "\n" in record.getMessage()), record.getMessage()
        assert "\nERROR forged" not in record.getMessage()


@pytest.mark.spec("ASVS", "7.1.2", "AR-19: no person's name or address in log lines")
@pytest.mark.django_db(transaction=True)
def test_lines_at_info_name_nobody(browser, site, caplog):
    get_user_model().objects.filter(pk=site.person.pk).update(first_name="Alicia", last_name="Wonderland")
    caplog.set_level(logging.INFO)
    sign_in(browser, site)
    browser.open(f"{site.provider}/o/logout/")
    browser.submit("codeflow-logout")
    for record in caplog.records:
        line = record.getMessage()
        assert not any(word in line for word in ("Alicia", "Wonderland", "alice")), line
