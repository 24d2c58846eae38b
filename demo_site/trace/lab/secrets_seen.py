"""Who saw what: counted from the sightings, never written by hand."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext as _

from demo_site.trace.lab.sentences import KINDS, PLACES, Text
from demo_site.trace.models import PARTIES as ORDER
from demo_site.trace.models import SHOWN_NEVER, Artifact, Run, Sighting

TOKENS = ["access_token", "refresh_token", "id_token"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One secret's row: what each party did with it."""

    kind: Text
    works_once: bool
    cells: list[str]
    """For each party "made it; in a URL", or "" for never."""


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
        places[line["artifact__kind"], line["party"]].append(str(PLACES.get(line["place"], line["place"])))
    makers = dict(run.artifacts.values_list("kind", "made_by"))
    once = set(run.artifacts.filter(single_use=True).values_list("kind", flat=True))
    return [
        Seen(kind=words, works_once=kind in once, cells=[_cell(kind, party, makers, places) for party in ORDER])
        for kind, words in KINDS.items()
        if kind in makers
    ]


def tokens_in_full(run: Run) -> list[Artifact]:
    """The tokens as they are, for a page on which somebody asked for them; of a secret or verifier never."""
    return list(run.artifacts.filter(kind__in=[kind for kind in TOKENS if kind not in SHOWN_NEVER]))


def _cell(kind: str, party: str, makers: dict[str, str], places: dict[tuple[str, str], list[str]]) -> str:
    if kind == "client_secret" and party == "server":
        return "; ".join([_("holds a hash"), *places.get((kind, party), [])])
    made = [_("made it")] if makers[kind] == party else []
    return "; ".join(made + places.get((kind, party), []))
