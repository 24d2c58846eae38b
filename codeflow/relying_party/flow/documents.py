"""Published JSON documents (metadata, key sets): fetched, judged, and kept.

Kept in the shared cache for every process and in this process's memory for speed. A document that was good once is
served for up to a day while its server is down or publishes nonsense (stale if error): a bad answer never replaces a
good one.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from codeflow.http import Answer, BrokeTheRules, HttpError, NotSent
from codeflow.relying_party.errors import ProviderUnavailable, ProviderUntrusted, RelyingPartyError
from codeflow.relying_party.flow.configuration import Outside

DAY = 24 * 3600
LEAST_LIFE = 300
RETRY_AFTER = 30
"""Seconds for which a stale document is served before its server is asked again."""

_local: dict[str, "_Kept"] = {}

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    document: Document
    fetched_at: float
    fresh_until: float


def get_document(
    url: str,
    outside: Outside,
    *,
    life: int,
    judge: Callable[[Document], object],
    stage: str,
    max_body: int,
    forced: bool = False,
) -> Document:
    """The JSON object at `url`, at most `life` seconds old (or as its Cache-Control says) unless its server fails.

    `judge` raises RelyingPartyError where the document may not be used. `forced` asks the server in any case.
    """
    now = outside.clock()
    kept = _kept(url, outside)
    if kept and now < kept.fresh_until and not forced:
        return kept.document
    try:
        answer = fetch(url, outside, stage=stage, max_body=max_body)
        document = _object(answer, stage)
        judge(document)
    except RelyingPartyError:
        if kept is None or now - kept.fetched_at > DAY:
            raise
        _local[url] = _Kept(document=kept.document, fetched_at=kept.fetched_at, fresh_until=now + RETRY_AFTER)
        return kept.document
    _keep(url, outside, document, now, _life(answer, life))
    return document


def fetch(url: str, outside: Outside, *, stage: str, max_body: int) -> Answer:
    """A 200 from `url`. Raises ProviderUnavailable (nothing usable came) or ProviderUntrusted (it breaks the rules)."""
    try:
        answer = outside.door.get(url, max_body=max_body)
    except (BrokeTheRules, NotSent) as error:
        raise ProviderUntrusted(f"{stage}.{error.code}", error.detail) from error
    except HttpError as error:
        raise ProviderUnavailable(f"{stage}.{error.code}", error.detail) from error
    if answer.status_code >= 500 or answer.status_code == 429:
        raise ProviderUnavailable(f"{stage}.status", f"HTTP {answer.status_code}")
    if answer.status_code != 200:
        raise ProviderUntrusted(f"{stage}.status", f"HTTP {answer.status_code}")
    return answer


def adopt_newer(url: str, outside: Outside) -> bool:
    """Takes over the copy that another process fetched after ours, if there is one."""
    mine, shared = _local.get(url), _shared(url, outside)
    if shared is None or (mine and mine.fetched_at >= shared.fetched_at):
        return False
    _local[url] = shared
    return True


def forget() -> None:
    """Drops what this process remembers; the shared cache stays."""
    _local.clear()


def _object(answer: Answer, stage: str) -> Document:
    try:
        return answer.json_object()
    except BrokeTheRules as error:
        raise ProviderUntrusted(f"{stage}.json", error.detail) from error


def _kept(url: str, outside: Outside) -> _Kept | None:
    """This process's copy while it is fresh; else the newest one known."""
    mine = _local.get(url)
    if mine is None or outside.clock() >= mine.fresh_until:
        adopt_newer(url, outside)
    return _local.get(url)


def _shared(url: str, outside: Outside) -> _Kept | None:
    entry = outside.cache.get(_key(url))
    return _Kept(**entry) if isinstance(entry, dict) else None


def _keep(url: str, outside: Outside, document: Document, now: float, life: int) -> None:
    kept = _Kept(document=document, fetched_at=now, fresh_until=now + life)
    _local[url] = kept
    entry = {"document": dict(document), "fetched_at": now, "fresh_until": kept.fresh_until}
    outside.cache.set(_key(url), entry, DAY)


def _life(answer: Answer, default: int) -> int:
    """max-age within five minutes and a day; `default` where the answer does not say."""
    stated = re.search(r"(?:^|[\s,])max-age=(\d{1,9})", answer.headers.get("Cache-Control", ""))
    return min(max(int(stated[1]), LEAST_LIFE), DAY) if stated else default


def _key(url: str) -> str:
    return "codeflow:rp:document:" + hashlib.sha256(url.encode("utf-8")).hexdigest()
