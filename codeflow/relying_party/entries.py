"""One entry of PROVIDERS: what may stand in it, what is wrong with it, and the Provider that it makes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from codeflow.relying_party.errors import ConfigurationError
from codeflow.relying_party.flow.client_authentication import METHODS, signing_key
from codeflow.relying_party.flow.configuration import QUIRKS, RESPONSE_MODES, TENANT, Provider
from codeflow.relying_party.flow.presets import FOR_MANY_TENANTS, PRESETS, blanks, with_preset

REQUIRED_KEYS = ("issuer", "client_id")
HOOKS = ("on_identity", "username", "update_user")
LINK = ("never", "ask")
TEXT_KEYS = (
    "issuer",
    "issuer_template",
    "client_id",
    "client_secret",
    "private_key",
    "private_key_kid",
    "label",
    "scope",
    "prompt",
    "response_mode",
    "token_endpoint_auth_method",
)
LIST_KEYS = ("required_scope", "id_token_signing_alg_values", "trusted_audiences", "tenants", "quirks")
NUMBER_KEYS = ("leeway", "max_iat_age")
MAP_KEYS = ("apis", "authorization_parameters")
SITE_KEYS = ("link", "groups", "require_email", *HOOKS)
"""What the site does with an answer; the steps of the flow never read these."""
PROVIDER_KEYS = (*TEXT_KEYS, *LIST_KEYS, *NUMBER_KEYS, *MAP_KEYS, "userinfo", *SITE_KEYS, "preset")

GROUPS_KEYS = ("claim", "map", "staff", "superuser")

Problem = tuple[str, str]
"""What is wrong, and what mends it."""


def problems_of(name: str, entry: Any) -> list[Problem]:
    if not isinstance(entry, Mapping):
        return [("it is no dictionary", "Give it at least issuer, client_id and client_secret.")]
    preset = str(entry.get("preset", ""))
    written = with_preset(entry)
    return [
        *_preset_problems(preset, entry),
        *((f"{key} is missing", f'Add "{key}".') for key in REQUIRED_KEYS if not written.get(key)),
        *_key_problems(written),
        *_value_problems(written),
    ]


def _preset_problems(preset: str, entry: Mapping[str, Any]) -> Iterator[Problem]:
    if preset and preset not in PRESETS:
        yield f"there is no preset {preset!r}", f"Known presets: {', '.join(PRESETS)}{did_you_mean(preset, PRESETS)}."
    for key in blanks(preset):
        if "issuer" not in entry and not entry.get(key):
            yield f"{key} is missing", f'Add "{key}", or the whole "issuer".'


def _key_problems(entry: Mapping[str, Any]) -> Iterator[Problem]:
    for key in entry:
        if key not in PROVIDER_KEYS:
            yield f"{key} is not a known key", f"Remove it{did_you_mean(key, PROVIDER_KEYS)}."
        elif problem := _type_problem(key, entry[key]):
            yield f"{key} {problem}", "Correct its type."


def _type_problem(key: str, value: Any) -> str:
    for keys, fits, wanted in _TYPES:
        if key in keys and not fits(value):
            return wanted
    return ""


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_map_of_text(value: Any) -> bool:
    return isinstance(value, Mapping) and _is_list_of_text([*value, *value.values()])


def _is_groups(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("claim"), str)
        and _is_map_of_text(value.get("map", {}))
        and all(_is_list_of_text(value.get(key, ())) for key in ("staff", "superuser"))
        and all(key in GROUPS_KEYS for key in value)
    )


_TYPES: tuple[tuple[tuple[str, ...], Callable[[Any], bool], str], ...] = (
    (TEXT_KEYS, _is_text, "must be text"),
    (LIST_KEYS, _is_list_of_text, "must be a list of text"),
    (NUMBER_KEYS, _is_number, "must be a number of seconds"),
    (("apis",), _is_map_of_text, "must map names to addresses"),
    (("authorization_parameters",), _is_map_of_text, "must map names to text"),
    (("userinfo", "require_email"), lambda value: isinstance(value, bool), "must be True or False"),
    (("groups",), _is_groups, "must have claim, and map, staff or superuser"),
    (("link",), lambda value: value in LINK, "must be never or ask"),
    (HOOKS, lambda value: callable(value) or isinstance(value, str), "must be a callable or a dotted path"),
)


def _value_problems(entry: Mapping[str, Any]) -> Iterator[Problem]:
    mode = entry.get("response_mode", "")
    if isinstance(mode, str) and mode not in RESPONSE_MODES:
        yield f"response_mode {mode!r} is not supported", 'Remove it, or write "form_post".'
    method = entry.get("token_endpoint_auth_method", "")
    if isinstance(method, str) and method and method not in METHODS:
        yield f"token_endpoint_auth_method {method!r} is not supported", f"Use one of {', '.join(METHODS)}."
    quirks = entry.get("quirks", ())
    for quirk in quirks if _is_list_of_text(quirks) else ():
        if quirk not in QUIRKS:
            yield f"there is no quirk {quirk!r}", f"Known quirks: {', '.join(QUIRKS)}{did_you_mean(quirk, QUIRKS)}."
    yield from _tenant_problems(entry)
    if problem := _private_key_problem(entry.get("private_key", "")):
        yield problem, "Give a PEM of an RSA key (2048 bits or more), a P-256 or an Ed25519 key, or the path of a file."


def _tenant_problems(entry: Mapping[str, Any]) -> Iterator[Problem]:
    """A provider for many tenants is trusted for those alone that are listed (OIDC Core 3.1.3.7 item 2)."""
    if str(entry.get("issuer", "")).startswith(FOR_MANY_TENANTS) and not entry.get("tenants"):
        yield "it serves many tenants", 'Add "tenants": ["…"] with the ids of those that may sign in.'
    if entry.get("tenants") and TENANT not in str(entry.get("issuer_template", "")):
        yield "tenants without an issuer_template", f'Add "issuer_template" with {TENANT} where the tenant stands.'


def _private_key_problem(value: Any) -> str:
    if not isinstance(value, str) or not value:
        return ""
    try:
        signing_key(_pem(value))
    except (OSError, ValueError) as error:
        return f"private_key cannot be used ({type(error).__name__})"
    return ""


def _pem(value: str) -> str:
    """A PEM as it stands, or the text of the file that `value` names."""
    return value if not value or value.lstrip().startswith("-----BEGIN") else Path(value).read_text(encoding="ascii")


def provider_of(name: str, entry: Any, *, http_loopback: bool) -> Provider:
    """The Provider. Raises ConfigurationError with the first problem."""
    problems = problems_of(name, entry)
    if problems:
        raise ConfigurationError("configuration.provider", f"provider {name!r}: {problems[0][0]}")
    values = {key: value for key, value in with_preset(entry).items() if key not in SITE_KEYS}
    values |= {key: tuple(values[key]) for key in LIST_KEYS if key in values}
    values |= {key: MappingProxyType(dict(values[key])) for key in MAP_KEYS if key in values}
    values["private_key"] = _pem(values.get("private_key", ""))
    values.setdefault("label", name)
    return Provider(name=name, http_loopback=http_loopback, **values)


def did_you_mean(name: object, known: Iterable[str]) -> str:
    close = get_close_matches(str(name), list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""
