"""Who saw what: counted from the sightings, never written by hand."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from demo_site.trace import marks
from demo_site.trace.lab.sentences import KINDS, PARTIES, PLACES
from demo_site.trace.models import PARTIES as ORDER
from demo_site.trace.models import SHOWN_NEVER, Artifact, Run, Sighting

TOKENS = ["access_token", "refresh_token", "id_token"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One secret's row: what each party did with it."""

    kind: str
    cells: list[tuple[str, str]]
    """(party, "made it; in a URL" or "never")."""


def who_saw_what(run: Run) -> list[Seen]:
    """A row for each kind of secret in this run, a cell for each party."""
    counted = (
        Sighting.objects.filter(artifact__run=run)
        .values("artifact__kind", "party", "place")
        .annotate(times=Count("pk"))
        .order_by("place")
    )
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    for line in counted:
        places[line["artifact__kind"], line["party"]].append(PLACES.get(line["place"], line["place"]))
    makers = dict(run.artifacts.values_list("kind", "made_by"))
    return [
        Seen(kind=words, cells=[(PARTIES[party], _cell(kind, party, makers, places)) for party in ORDER])
        for kind, words in KINDS.items()
        if kind in makers
    ]


def id_token(run: Run) -> dict[str, Any]:
    """Header and claims of the run's ID token, the nonce masked; {} where there is none."""
    artifact = run.artifacts.filter(kind="id_token").first()
    if artifact is None or not artifact.value:
        return {}
    header, claims = marks.claims_of(artifact.value)
    known = {one.value: one for one in run.artifacts.filter(kind="nonce")}
    if (nonce := known.get(claims.get("nonce"))) is not None:
        claims["nonce"] = f"{nonce.preview} (the one of step 1)"
    return {"artifact": artifact, "header": header, "claims": claims}


def tokens_in_full(run: Run) -> list[Artifact]:
    """The tokens as they are, for a page on which somebody asked for them; of a secret or verifier never."""
    return list(run.artifacts.filter(kind__in=[kind for kind in TOKENS if kind not in SHOWN_NEVER]))


def _cell(kind: str, party: str, makers: dict[str, str], places: dict[tuple[str, str], list[str]]) -> str:
    made = ["made it"] if makers[kind] == party else []
    return "; ".join(made + places.get((kind, party), [])) or "never"
