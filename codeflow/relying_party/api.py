"""Calls to a provider's APIs on a person's behalf: `request.oidc.api("orders")`, and `for_user` outside a request.

RFC 6750 3.1. The token is renewed before it ends, and once more where the API answers 401 all the same.
"""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from codeflow.http import Answer
from codeflow.relying_party import signals
from codeflow.relying_party.conf import conf, outside
from codeflow.relying_party.entries import did_you_mean
from codeflow.relying_party.errors import ConfigurationError, ReauthRequired, RelyingPartyError
from codeflow.relying_party.flow.configuration import Provider
from codeflow.relying_party.flow.step7_resource_request import (
    ResourceRequest,
    challenge_error,
    new_resource_request,
    request_resource,
)
from codeflow.relying_party.grants import live_access_token
from codeflow.relying_party.models import TokenGrant


class ApiClient:
    """One API of one provider for one person. Paths are relative to the API's address in the settings."""

    def __init__(self, grant: TokenGrant, provider: Provider, name: str) -> None:
        if name not in provider.apis:
            known = did_you_mean(name, provider.apis)
            raise ConfigurationError("api.unknown", f"provider {provider.name!r} has no API {name!r}{known}")
        self._grant, self._provider, self._name = grant, provider, name

    def __repr__(self) -> str:
        return f"<ApiClient {self._provider.name}/{self._name}>"

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

    def request(
        self,
        method: str,
        path: str = "",
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        data: bytes | Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Answer:
        """The API's answer, whatever its status but 401.

        Raises ReauthRequired (only a new sign-in helps), ProviderUnavailable (waiting may), ConfigurationError (the
        path leaves the API's origin; nothing was sent). `timeout` is the total deadline in seconds.
        """
        request = new_resource_request(
            method,
            self._provider.apis[self._name],
            path,
            params=params,
            json_body=json,
            data=data,
            headers=headers,
            timeout=timeout,
        )
        token = live_access_token(self._grant, self._provider)
        answer = self._send(request, token)
        if answer.status_code == 401:
            answer = self._send(request, live_access_token(self._grant, self._provider, refused=token))
        if answer.status_code == 401:
            raise ReauthRequired("api.invalid_token", "refused with a new token too", provider=self._provider.name)
        return answer

    def _send(self, request: ResourceRequest, token: str) -> Answer:
        try:
            answer = request_resource(request, token, outside=outside())
        except RelyingPartyError as error:
            signals.announce_failure("resource_requested", error, provider=self._provider.name, step=7)
            raise
        signals.announce(
            "resource_requested",
            provider=self._provider.name,
            client_id=self._provider.client_id,
            step=7,
            user_pk=self._grant.identity.user_id,
            values={"access_token": token},
            spec="RFC 6750 2.1",
            api=self._name,
            method=request.method,
            status=answer.status_code,
            challenge=challenge_error(answer),
        )
        return answer


def client_for(grant: TokenGrant, provider_name: str, name: str) -> ApiClient:
    return ApiClient(grant, conf.provider(provider_name), name)


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
    yield client_for(grant, provider, name)
