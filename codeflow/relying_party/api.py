"""Calls to a provider's APIs on a person's behalf: `request.oidc.api("orders")`, and `for_user` outside a request.

RFC 6750 3.1; RFC 9470 3-5. The token is renewed before it ends, and once more where the API answers 401 all the same. What
no renewal can mend, a scope or a stronger sign-in, becomes ReauthRequired with that demand.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from asgiref.sync import sync_to_async

from codeflow.http import Answer
from codeflow.relying_party import signals
from codeflow.relying_party.conf import conf, outside
from codeflow.relying_party.entries import did_you_mean
from codeflow.relying_party.errors import ConfigurationError, ReauthRequired, RelyingPartyError
from codeflow.relying_party.flow.configuration import Provider
from codeflow.relying_party.flow.step7_resource_request import (
    ResourceRequest,
    challenge_of,
    new_resource_request,
    request_resource,
)
from codeflow.relying_party.grants import live_access_token
from codeflow.relying_party.models import TokenGrant

TOO_NARROW, TOO_WEAK = "insufficient_scope", "insufficient_user_authentication"


class ApiClient:
    """One API of one provider for one person. Paths are relative to the API's address in the settings.

    Nothing is looked up before the first call. `aget` and its like are for async views: rows are read where Django wants
    it, and the exchange itself waits in a thread of its own.
    """

    def __init__(self, find_grant: Callable[[], TokenGrant], name: str) -> None:
        self._find_grant, self._name = find_grant, name

    def __repr__(self) -> str:
        return f"<ApiClient {self._name}>"

    def get(self, path: str = "", **options: Any) -> Answer:
        return self.request("GET", path, **options)

    def post(self, path: str = "", **options: Any) -> Answer:
        return self.request("POST", path, **options)

    def put(self, path: str = "", **options: Any) -> Answer:
        return self.request("PUT", path, **options)

    def patch(self, path: str = "", **options: Any) -> Answer:
        return self.request("PATCH", path, **options)

    def delete(self, path: str = "", **options: Any) -> Answer:
        return self.request("DELETE", path, **options)

    async def aget(self, path: str = "", **options: Any) -> Answer:
        return await self.arequest("GET", path, **options)

    async def apost(self, path: str = "", **options: Any) -> Answer:
        return await self.arequest("POST", path, **options)

    async def aput(self, path: str = "", **options: Any) -> Answer:
        return await self.arequest("PUT", path, **options)

    async def apatch(self, path: str = "", **options: Any) -> Answer:
        return await self.arequest("PATCH", path, **options)

    async def adelete(self, path: str = "", **options: Any) -> Answer:
        return await self.arequest("DELETE", path, **options)

    def request(self, method: str, path: str = "", **options: Any) -> Answer:
        """The API's answer, whatever its status but 401.

        `options`: params, json, data, headers, and timeout, the total deadline in seconds. Raises ReauthRequired (only a
        new sign-in helps: the grant is over, or the API wants a scope or an authentication that it lacks),
        ProviderUnavailable (waiting may), ConfigurationError (the path leaves the API's origin; nothing was sent).
        """
        call = self._prepared(method, path, **options)
        answer = call.announced(call.exchanged())
        if call.wants_a_new_token(answer):
            call.renew()
            answer = call.announced(call.exchanged())
        return call.judged(answer)

    async def arequest(self, method: str, path: str = "", **options: Any) -> Answer:
        """`request` for async views."""
        call = await sync_to_async(self._prepared)(method, path, **options)
        answer = await _aanswer(call)
        if call.wants_a_new_token(answer):
            await sync_to_async(call.renew)()
            answer = await _aanswer(call)
        return await sync_to_async(call.judged)(answer)

    def _prepared(
        self, method: str, path: str, *, json: Any = None, params: Mapping[str, str] | None = None, **options: Any
    ) -> "_Call":
        grant = self._find_grant()
        provider = conf.provider(grant.identity.provider_key)
        if self._name not in provider.apis:
            known = did_you_mean(self._name, provider.apis)
            raise ConfigurationError("api.unknown", f"provider {provider.name!r} has no API {self._name!r}{known}")
        base = provider.apis[self._name]
        request = new_resource_request(method, base, path, params=params, json_body=json, **options)
        token = live_access_token(grant, provider)
        return _Call(grant=grant, provider=provider, name=self._name, request=request, token=token)


@dataclass(slots=True, kw_only=True)
class _Call:
    """One request on its way: sent once, and once more with a newer token."""

    grant: TokenGrant
    provider: Provider
    name: str
    request: ResourceRequest
    token: str = field(repr=False)
    renewed: bool = False

    def exchanged(self) -> Answer | RelyingPartyError:
        """What came of it; touches no row, so it may run in any thread."""
        try:
            return request_resource(self.request, self.token, outside=outside())
        except RelyingPartyError as error:
            return error

    def announced(self, result: Answer | RelyingPartyError) -> Answer:
        if isinstance(result, RelyingPartyError):
            signals.announce_failure("resource_requested", result, provider=self.provider.name, step=7)
            raise result
        signals.announce(
            "resource_requested",
            provider=self.provider.name,
            client_id=self.provider.client_id,
            step=7,
            user_pk=self.grant.identity.user_id,
            values={"access_token": self.token},
            spec="RFC 6750 2.1",
            api=self.name,
            method=self.request.method,
            status=result.status_code,
            challenge=challenge_of(result).get("error", ""),
        )
        return result

    def wants_a_new_token(self, answer: Answer) -> bool:
        """Once, and not where the API says that the token is good but its sign-in too weak (RFC 6750 3.1; RFC 9470 3)."""
        too_weak = challenge_of(answer).get("error") == TOO_WEAK
        return answer.status_code == 401 and not self.renewed and not too_weak

    def renew(self) -> None:
        self.token = live_access_token(self.grant, self.provider, refused=self.token)
        self.renewed = True

    def judged(self, answer: Answer) -> Answer:
        """The answer, unless a new sign-in with what the API names would change it (RFC 6750 3.1; RFC 9470 3, 4)."""
        challenge = challenge_of(answer)
        if answer.status_code == 403 and challenge.get("error") == TOO_NARROW:
            missing = [name for name in challenge.get("scope", "").split() if name not in self.grant.scope.split()]
            if missing:
                raise self._reauth(TOO_NARROW, scope=" ".join(missing))
        if answer.status_code == 401 and challenge.get("error") == TOO_WEAK:
            acr, max_age = challenge.get("acr_values", ""), challenge.get("max_age", "")
            if (
                not acr or max_age or not self.grant.sessions.filter(acr__in=acr.split()).exists()
            ):  # else it would turn round
                raise self._reauth(TOO_WEAK, acr=acr, max_age=int(max_age) if max_age.isdigit() else None)
        elif answer.status_code == 401:
            raise self._reauth("invalid_token")
        return answer

    def _reauth(self, error: str, **demand: Any) -> ReauthRequired:
        detail = f"{self.name} answered {error}"
        return ReauthRequired(f"api.{error}", detail, provider=self.provider.name, **demand)


async def _aanswer(call: _Call) -> Answer:
    result = await sync_to_async(call.exchanged, thread_sensitive=False)()
    return await sync_to_async(call.announced)(result)


@contextlib.contextmanager
def for_user(user_id: int | str, provider: str, name: str) -> Iterator[ApiClient]:
    """The API `name` on behalf of the user with the key `user_id`.

    The tokens are those of their newest sign-in that still lives. Raises ReauthRequired where there is none.
    """
    grants = TokenGrant.objects.select_related("identity").filter(
        identity__user_id=user_id, identity__provider_key=provider, dead_reason=""
    )
    grant = grants.order_by("-pk").first()
    if grant is None:
        raise ReauthRequired("grant.none", "the user has no live grant", provider=provider)
    yield ApiClient(lambda: grant, name)
