"""What one run left behind: messages, secrets, who saw them, and the checks that were made.

Messages hold marks such as ⟦code:1f3a…⟧ where a secret stood; the secret itself is kept in Artifact.value alone.
"""

import secrets
import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

PARTIES = ["browser", "client", "server", "api"]
ANOTHER_CLIENT = "another client"
"""The scenario of a run that some other program began at the server."""
SHOWN_NEVER = ["client_secret", "verifier"]
_LETTERS = "23456789BCDFGHJKLMNPQRSTVWXZ"


def new_run_code() -> str:
    """A name people can read out: no vowels, no look-alikes ("7F3K-Q2")."""
    drawn = "".join(secrets.choice(_LETTERS) for _ in range(6))
    return f"{drawn[:4]}-{drawn[4:]}"


class Run(models.Model):
    """One round trip, from the first redirect to the notes (or to a refusal), and what followed in the same browser."""

    class Status(models.TextChoices):
        PENDING = "pending", _("not finished")
        OK = "ok", _("done")
        REFUSED = "refused", _("refused")
        FAILED = "failed", _("failed")
        ABANDONED = "abandoned", _("left unfinished")

    ATTACK: ClassVar[str] = "attack: "
    """Before the attack's name, in the scenario of a run that it made."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    code = models.CharField(max_length=8, default=new_run_code, db_index=True)
    scenario = models.CharField(max_length=40, default="login")
    step_mode = models.BooleanField(default=False)
    started_at = models.DateTimeField(default=timezone.now, db_index=True)
    ended_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    expected_refuser = models.CharField(max_length=10, blank=True)
    expected_error = models.CharField(max_length=40, blank=True)
    prediction = models.CharField(max_length=10, blank=True)
    verdict = models.CharField(max_length=200, blank=True)
    client_name = models.CharField(max_length=100, blank=True)
    signed_in_as = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering: ClassVar = ["-started_at"]

    def __str__(self) -> str:
        return f"Run {self.code}"

    @property
    def attack(self) -> str:
        """The attack that made this run, or ""."""
        return self.scenario.removeprefix(self.ATTACK) if self.scenario.startswith(self.ATTACK) else ""

    @property
    def ago(self) -> str:
        """When it began, in words."""
        words = timesince(self.started_at)
        return gettext("just now") if words.startswith("0") else gettext("%(time)s ago") % {"time": words}


class Event(models.Model):
    """One thing one witness saw: a message on its way, or something a party made, checked, issued or refused."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    monotonic_ms = models.FloatField(default=0)
    recorded_by = models.CharField(max_length=15)
    kind = models.CharField(max_length=10)
    channel = models.CharField(max_length=8)
    step = models.PositiveSmallIntegerField(default=0)
    from_party = models.CharField(max_length=10)
    to_party = models.CharField(max_length=10)
    pair = models.OneToOneField("self", null=True, on_delete=models.SET_NULL, related_name="paired_by")
    twin = models.OneToOneField("self", null=True, on_delete=models.SET_NULL, related_name="twinned_by")
    span = models.CharField(
        max_length=16, blank=True, help_text="the traceparent's parent-id, by which twins find each other"
    )
    method = models.CharField(max_length=10, blank=True)
    url = models.TextField(blank=True)
    query = models.JSONField(default=list)
    headers = models.JSONField(default=list)
    body = models.TextField(blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    duration_ms = models.FloatField(null=True)
    summary_id = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    outcome = models.CharField(max_length=8, default="ok")
    spec = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering: ClassVar = ["seq"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "seq"], name="demo_trace_event_seq")]
        indexes: ClassVar = [models.Index(fields=["run", "span"], name="demo_trace_event_span")]

    def __str__(self) -> str:
        return f"{self.seq} {self.summary_id}"


class Artifact(models.Model):
    """A value that matters: who made it, and (here alone) what it was."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="artifacts")
    kind = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    preview = models.CharField(max_length=12, blank=True)
    value = models.TextField(null=True)  # noqa: DJ001 (no value is not an empty value)
    made_by = models.CharField(max_length=10)
    made_at = models.DateTimeField()
    single_use = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "kind", "digest"], name="demo_trace_artifact_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.digest[:8]}"


class Sighting(models.Model):
    """One party had one artifact before its eyes; "who saw what" is a GROUP BY over these."""

    artifact = models.ForeignKey(Artifact, on_delete=models.CASCADE, related_name="sightings")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="sightings")
    party = models.CharField(max_length=10)
    place = models.CharField(max_length=12)

    def __str__(self) -> str:
        return f"{self.party} {self.place}"


class Check(models.Model):
    """One comparison a party made, as it reported it."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="checks")
    name = models.CharField(max_length=40)
    expected = models.CharField(max_length=300, blank=True)
    actual = models.CharField(max_length=300, blank=True)
    passed = models.BooleanField()
    leeway_s = models.FloatField(null=True)
    spec = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.name


class Correlation(models.Model):
    """By what a hop finds its run: the digest of a value that both ends know."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="correlations")
    kind = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.digest[:8]}"
