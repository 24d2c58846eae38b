"""The audit trail in the admin: found, filtered, taken out, and as fast with many rows as with few."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from django.urls import reverse

import codeflow.provider
from codeflow.provider import audit
from codeflow.provider.admin.event_words import EVENTS
from codeflow.provider.admin.large_tables import MOST
from codeflow.provider.models import AuditEvent
from tests.provider.admin.conftest import change, changelist, staff_with
from tests.provider.factories import ClientFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = "/admin/codeflow_provider/auditevent/"


@pytest.fixture
def auditor(db):
    return staff_with("view_audit")


def export(staff, kind, **filters):
    return staff.browser.post(
        reverse("admin:codeflow_provider_auditevent_export", args=[kind]), query_params=filters, secure=True
    )


def body(page):
    return b"".join(page.streaming_content).decode()


def test_reading_needs_view_audit_and_nothing_else_gives_it():
    audit.record("token.issued", client_id="shop")
    stranger = staff_with("view_client", "revoke_tokens", "manage_keys")
    assert stranger.open(changelist("auditevent")).status_code == 403
    assert export(stranger, "csv").status_code == 403
    assert "Audit events" not in stranger.open("/admin/").content.decode()
    assert staff_with("view_audit").open(changelist("auditevent")).status_code == 200


def test_events_of_a_client_are_on_its_pages_for_whoever_reads_the_trail():
    client = ClientFactory()
    audit.record("token.refused", client_id=client.client_id, outcome="refused")
    tab = reverse("admin:codeflow_provider_client_events", args=[client.pk])
    assert staff_with("view_client").open(tab).status_code == 403
    reader = staff_with("view_client", "view_audit")
    assert reader.open(tab).status_code == 200
    assert "A request for tokens was refused." in reader.said()


@pytest.mark.spec("ASVS", "7.3", "AR-23: nobody changes or deletes an event in the admin")
def test_even_a_superuser_cannot_change_or_delete_an_event(boss):
    audit.record("token.issued", client_id="shop")
    event = AuditEvent.objects.get(event="token.issued")
    assert boss.post(change(event), event="nothing").status_code == 403
    assert (
        boss.post(reverse("admin:codeflow_provider_auditevent_delete", args=[event.pk]), post="yes").status_code == 403
    )
    boss.act("auditevent", "delete_selected", event, post="yes")
    assert AuditEvent.objects.get(pk=event.pk).event == "token.issued"


def test_events_are_found_by_support_code_client_name_and_person(auditor):
    shop, ada = ClientFactory(name="Bookshop"), UserFactory(username="ada")
    audit.record("token.issued", client_id=shop.client_id, user_pk=ada.pk, reference="7F3K-Q2")
    audit.record("code.issued", client_id="blog", user_pk="nobody", reference="BBBB-22")
    for query in (
        "7f3k-q2",
        "bookshop",
        shop.client_id,
        "ADA",
        f"{ada.username}@people.example",
        str(ada.pk),
        "token.issued",
    ):
        auditor.open(f"{LIST}?q={query}")
        assert [row.event for row in auditor.page.context["cl"].result_list] == ["token.issued"], query
    auditor.open(f"{LIST}?q=%00")
    assert auditor.page.status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "outcome__exact=refused",
        "event__exact=token.refused",
        "client_id__exact=blog",
        "at__gte=2020-01-01T00:00Z&outcome__exact=refused",
    ],
)
def test_events_are_filtered_by_outcome_code_client_and_time(auditor, query):
    audit.record("token.issued", client_id="shop")
    audit.record("token.refused", client_id="blog", outcome="refused")
    auditor.open(f"{LIST}?{query}")
    assert [row.client_id for row in auditor.page.context["cl"].result_list] == ["blog"]
    assert "A request for tokens was refused." in auditor.said()


def test_dates_lead_to_a_year_a_month_and_a_day(auditor):
    audit.record("token.issued", client_id="shop")
    at = AuditEvent.objects.get(event="token.issued").at
    for query in ("", f"?at__year={at.year}", f"?at__year={at.year}&at__month={at.month}"):
        auditor.open(LIST + query)
        links = re.findall(r'<nav class="codeflow-dates".*?</nav>', auditor.text(), re.DOTALL)
        assert str(at.year) in links[0]
    auditor.open(f"{LIST}?at__year={at.year}&at__month={at.month}&at__day={at.day}")
    assert 'aria-current="date"' in auditor.text()
    assert "token.issued" in {row.event for row in auditor.page.context["cl"].result_list}
    auditor.open(f"{LIST}?at__year={at.year - 1}")
    assert auditor.page.context["cl"].result_count == 0


def test_odd_dates_are_no_error_of_ours(auditor):
    audit.record("token.issued", client_id="shop")
    for query in ("at__year=abc", "at__year=2026&at__month=99", "at__month=3"):
        assert auditor.open(f"{LIST}?{query}").status_code in (200, 302), query


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
@pytest.mark.parametrize(
    "query",
    [
        "at__year=9999",
        "at__year=9999&at__month=12",
        "at__year=9999&at__month=12&at__day=31",
        "at__year=1&at__month=1&at__day=1",
        "at__gte=0001-01-01T00:00:00%2B14:00",
        "at__lt=9999-12-31T23:59:59-12:00",
    ],
)
def test_the_ends_of_the_calendar_are_no_error_of_ours(auditor, settings, query, zone):
    settings.TIME_ZONE = zone
    audit.record("token.issued", client_id="shop")
    assert auditor.open(f"{LIST}?{query}").status_code in (200, 302)
    assert auditor.post(f"{LIST}export/csv/?{query}").status_code in (200, 302)


def test_list_of_many_rows_counts_some_and_says_so(auditor, count_statements):
    AuditEvent.objects.bulk_create(AuditEvent(event="token.issued", outcome="ok") for _ in range(MOST + 50))
    auditor.open(LIST)
    with count_statements() as counted:
        auditor.open(LIST)
    assert auditor.page.context["cl"].result_count == MOST
    assert f"The newest {MOST:,} rows are listed".replace(",", "") in auditor.said().replace(",", "")
    counts = [sql for sql in counted.sql if "COUNT(" in sql and "codeflow_provider_auditevent" in sql]
    assert counts
    assert all(f"LIMIT {MOST}" in sql for sql in counts)
    assert not [sql for sql in counted.sql if "DISTINCT" in sql]


def test_page_runs_the_same_statements_for_one_row_and_for_a_hundred(auditor, count_statements):
    audit.record("token.issued", client_id="shop")
    auditor.open(LIST)
    with count_statements() as one:
        auditor.open(LIST)
    AuditEvent.objects.bulk_create(AuditEvent(event="token.issued", outcome="ok") for _ in range(100))
    with count_statements() as many:
        auditor.open(f"{LIST}?all=")
    assert len(many) == len(one)


@pytest.mark.sqlite
@pytest.mark.parametrize("column", ["event", "outcome", "client_id", "user_pk", "reference"])
def test_each_way_to_look_has_an_index(column):
    rows = AuditEvent.objects.filter(**{column: "x"}).order_by("-pk")[:50]
    plan = rows.explain()
    assert "USING INDEX" in plan, plan
    assert "TEMP B-TREE" not in plan, plan


def test_export_holds_what_the_filters_leave_and_is_an_event(auditor):
    audit.record("token.issued", client_id="shop", reference="7F3K-Q2")
    audit.record("token.refused", client_id="blog", outcome="refused", reason="=HYPERLINK(1)")
    page = export(auditor, "csv", outcome__exact="refused")
    assert page.streaming
    assert page.headers["Content-Disposition"] == 'attachment; filename="audit-events.csv"'
    assert page.headers["Cache-Control"].startswith("no-store")
    rows = list(csv.DictReader(io.StringIO(body(page))))
    assert [row["client_id"] for row in rows] == ["blog"]
    assert rows[0]["reason"] == "'=HYPERLINK(1)"
    assert rows[0]["words"] == "A request for tokens was refused."
    exported = AuditEvent.objects.get(event="audit.exported")
    assert (exported.user_pk, exported.reason) == (str(auditor.user.pk), "csv outcome__exact=refused")
    found = json.loads(body(export(auditor, "json", client_id__exact="shop")))
    assert [(row["reference"], row["count"]) for row in found] == [("7F3K-Q2", 1)]
    assert json.loads(body(export(auditor, "json", client_id__exact="nobody"))) == []


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
@pytest.mark.spec("CWE", "1236", "no cell of an export is a formula")
def test_no_cell_begins_a_formula(auditor, start):
    AuditEvent.objects.create(event="token.refused", outcome="refused", client_id=f"{start}cmd")
    [row] = csv.DictReader(io.StringIO(body(export(auditor, "csv", event__exact="token.refused")), newline=""))
    assert row["client_id"] == f"'{start}cmd"


def test_export_is_asked_for_by_a_form(auditor):
    url = reverse("admin:codeflow_provider_auditevent_export", args=["csv"])
    assert auditor.open(url).status_code == 405
    assert export(auditor, "xml").status_code == 404


def test_every_event_that_the_code_records_has_words():
    sources = "\n".join(path.read_text() for path in Path(codeflow.provider.__file__).parent.rglob("*.py"))
    recorded = set(re.findall(r'record\(\s*(?:[a-z_]+,\s*)?"([a-z_]+\.[a-z_]+)"', sources))
    named = set(re.findall(r'(?:event|refused_event|EVENT) = "([a-z_]+\.[a-z_]+)"', sources))
    assert len(recorded) > 15
    assert (recorded | named) - EVENTS.keys() == set()


def test_newest_first_by_key_so_that_nothing_is_sorted(auditor):
    for number in range(3):
        audit.record("token.issued", client_id=f"client{number}")
    auditor.open(f"{LIST}?o=1")
    assert [row.client_id for row in auditor.page.context["cl"].result_list] == ["client2", "client1", "client0", ""]
