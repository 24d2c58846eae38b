"""Step 7, second half: request a protected resource on the person's behalf.

RFC 6750 2.1, 3.1; RFC 9700 4.9.1, 4.10.2. The token goes in the header, to the API origins of the settings alone, and
to no redirect.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin

from codeflow.core.uris import add_parameters, origin_of
from codeflow.http import JSON, Answer, BrokeTheRules, HttpError, NotSent
from codeflow.relying_party.errors import ConfigurationError, ProviderUnavailable, ProviderUntrusted
from codeflow.relying_party.flow.configuration import Outside

STAGE = "api"
LONGEST_CHALLENGE = 2048
_PARAMETER = re.compile(r'([A-Za-z_]+)\s*=\s*(?:"([\x20\x21\x23-\x5b\x5d-\x7e]*)"|([^\s",]+))')


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceRequest:
    """One call; `body` is bytes, so that it can be sent a second time with a newer token."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    timeout: float | None = None


def new_resource_request(
    method: str,
    base: str,
    path: str,
    *,
    params: Mapping[str, str] | None = None,
    json_body: Any = None,
    data: bytes | Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> ResourceRequest:
    """A request below `base`. Raises ConfigurationError where the address leaves its origin: nothing is sent then."""
    url = add_parameters(urljoin(base, path), params or {})
    if not origin_of(url) or origin_of(url) != origin_of(base):
        raise ConfigurationError("api.origin", f"the path leaves {origin_of(base)}; name that origin under `apis`")
    content_type, body = _encoded(json_body, data)
    sent = {"Accept": JSON, **({"Content-Type": content_type} if content_type else {}), **(headers or {})}
    return ResourceRequest(method=method, url=url, headers=sent, body=body, timeout=timeout)


def request_resource(request: ResourceRequest, access_token: str, *, outside: Outside) -> Answer:
    """The API's answer, whatever its status.

    Raises ProviderUnavailable, or ProviderUntrusted on redirects and huge bodies.
    """
    headers = {**request.headers, "Authorization": f"Bearer {access_token}"}
    try:
        answer = outside.door.send(
            request.method, request.url, headers=headers, body=request.body, deadline=request.timeout
        )
    except (BrokeTheRules, NotSent) as error:
        raise ProviderUntrusted(f"{STAGE}.{error.code}", error.detail) from error
    except HttpError as error:
        raise ProviderUnavailable(f"{STAGE}.{error.code}", error.detail) from error
    if answer.status_code in (301, 302, 303, 307, 308):
        raise ProviderUntrusted(
            f"{STAGE}.redirect", f"HTTP {answer.status_code}; the token is not sent on (RFC 9700 4.9.1)"
        )
    return answer


def challenge_of(answer: Answer) -> Mapping[str, str]:
    """The parameters of a Bearer challenge: error, scope, acr_values, max_age (RFC 6750 3; RFC 9470 3)."""
    scheme, _, parameters = answer.headers.get("WWW-Authenticate", "")[:LONGEST_CHALLENGE].partition(" ")
    if scheme.lower() != "bearer":
        return {}
    return {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(parameters)}


def _encoded(json_body: Any, data: bytes | Mapping[str, str] | None) -> tuple[str, bytes]:
    if json_body is not None:
        return JSON, json.dumps(json_body).encode()
    if isinstance(data, Mapping):
        return "application/x-www-form-urlencoded", urlencode(data).encode("ascii")
    return "", data or b""
