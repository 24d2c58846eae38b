"""The shared cache is away: a sign-in may have been used before, so nobody is let in; whoever is signed in stays so.

Once with a cache that raises, once with Redis where nobody listens.
"""

import logging
from typing import Any

import pytest
from django.core.cache.backends.locmem import LocMemCache

from codeflow.relying_party.conf import outside
from codeflow.relying_party.flow import documents
from codeflow.relying_party.models import RPSession
from tests.deployment.servers import free_port


class Away(LocMemCache):
    """Every call is an error of its own kind."""

    def _away(self, *args: Any, **kwargs: Any) -> Any:
        raise ConnectionResetError("the cache is away")

    get = set = add = incr = delete = get_many = touch = _away


@pytest.fixture(params=["raises", "redis"])
def cache_away(request: pytest.FixtureRequest, settings: Any) -> Any:
    """Call it: from then on the cache is away, for those who remember the provider and for those who do not."""

    def go(*, remembered: bool) -> None:
        away = {"BACKEND": f"{__name__}.Away"}
        redis = {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": f"redis://127.0.0.1:{free_port()}/0",
        }
        settings.CACHES = {"default": away if request.param == "raises" else redis}
        if not remembered:
            documents.forget()

    return go


@pytest.mark.parametrize("remembered", [True, False])
@pytest.mark.spec(
    "RFC 9700", "4.2.4", "without the memory of used sign-ins nobody is signed in, and 503 says when to come back"
)
def test_nobody_is_let_in_and_the_same_page_works_once_the_cache_is_back(
    browser, cache_away, settings, remembered, caplog
):
    before = settings.CACHES
    query = browser.op.authorize(browser.start())
    cache_away(remembered=remembered)
    with caplog.at_level(logging.ERROR):
        refused = browser.come_back(query)
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert not RPSession.objects.exists()
    settings.CACHES = before
    assert browser.come_back(query).status_code == 303
    assert RPSession.objects.count() == 1


@pytest.mark.parametrize("remembered", [True, False])
def test_a_sign_in_begins_and_calls_go_on_without_the_cache(browser, cache_away, remembered):
    browser.sign_in()
    cache_away(remembered=remembered)
    assert browser.client.get("/account/").status_code == 200
    assert browser.client.get("/orders/").status_code == 200
    assert browser.start().startswith(browser.op.issuer)


@pytest.mark.spec("OIDC Core", "10.1.1", "the limit of refetches holds while nobody can count them")
def test_an_unknown_key_is_not_fetched_out_of_turn_without_the_cache(browser, cache_away):
    cache_away(remembered=True)
    assert outside().cache.add("codeflow:rp:refetch:x", 1, 60) is False
