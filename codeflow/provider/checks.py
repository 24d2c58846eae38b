"""System checks: what can be known about the settings without the network, each with the line that mends it.

`register_checks` is called when the app is ready. docs/reference/checks.md lists every id.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, router
from django.db.migrations.recorder import MigrationRecorder
from django.urls import NoReverseMatch, Resolver404, get_script_prefix, resolve, reverse
from django.utils.module_loading import import_string

from codeflow.core.uris import issuer_problem, split_uri
from codeflow.provider import defaults, key_store
from codeflow.provider.conf import DEFAULTS, provider_settings
from codeflow.provider.keys import ALGORITHMS
from codeflow.provider.models import Client
from codeflow.provider.views.metadata import MetadataView

PREFIX = "codeflow_provider"
APP = "codeflow.provider"
DEFAULTS_LINE = "from codeflow.provider.defaults import *"

MODEL_SETTINGS = tuple(name for name in vars(defaults) if name.startswith("OAUTH2_PROVIDER_"))
CLASSES = tuple(key for key in defaults.OAUTH2_PROVIDER if key.endswith("_CLASS"))

LIFETIMES = tuple(key for key in defaults.OAUTH2_PROVIDER if key.endswith("_EXPIRE_SECONDS"))
LONGEST_CODE, LONG_ID_TOKEN = 600, 24 * 3600
"""Seconds; RFC 6749 4.1.2 allows a code ten minutes."""

HOOKS = ("USER_CLAIMS", "SUBJECT", "AUTHENTICATION_CONTEXT")

_TEXTS = ("SCOPES", "DEFAULT_SCOPES", "REQUEST_APPROVAL_PROMPT")
_NOT_READ = ("OIDC_RESPONSE_TYPES_SUPPORTED", "OAUTH2_RESPONSE_TYPES_SUPPORTED", "OAUTH2_GRANT_TYPES_SUPPORTED")
_FREE = (*CLASSES, *LIFETIMES, *_TEXTS, *_NOT_READ)
HELD = tuple(key for key in defaults.OAUTH2_PROVIDER if key not in _FREE)
"""Keys whose value must stay what defaults.py says."""


def register_checks() -> None:
    """Called from ProviderConfig.ready."""
    for check in CHECKS:
        register(check)
    register(check_tables_of_toolkit, Tags.database)


def check_apps(**kwargs: object) -> Iterator[CheckMessage]:
    if not apps.is_installed("codeflow"):
        hint = 'Add "codeflow" to INSTALLED_APPS; it holds the command codeflow_doctor.'
        yield Caution("The umbrella app is not installed.", hint=hint, id=f"{PREFIX}.W001")


def check_defaults(**kwargs: object) -> Iterator[CheckMessage]:
    """Values of defaults.OAUTH2_PROVIDER that are gone or changed, and swapped models."""
    given = _toolkit_settings()
    lost = [key for key in defaults.OAUTH2_PROVIDER if key not in given]
    if lost:
        hint = f"Keep them: OAUTH2_PROVIDER = {{**OAUTH2_PROVIDER, …}}, below `{DEFAULTS_LINE}`."
        yield Error(f"OAUTH2_PROVIDER lost defaults of codeflow: {', '.join(lost)}.", hint=hint, id=f"{PREFIX}.E001")
    for key in HELD:
        must = defaults.OAUTH2_PROVIDER[key]
        if key in given and given[key] != must:
            yield _changed(f"OAUTH2_PROVIDER[{key!r}]", given[key], must, "E002")
    if "__all__" in given.get("DEFAULT_SCOPES", ()):
        hint = f'Remove "DEFAULT_SCOPES" from your OAUTH2_PROVIDER; `{DEFAULTS_LINE}` has the right one.'
        message = "OAUTH2_PROVIDER['DEFAULT_SCOPES'] makes a missing scope mean every scope."
        yield Error(message, hint=hint, id=f"{PREFIX}.E002")
    for name in MODEL_SETTINGS:
        if getattr(settings, name, "") != getattr(defaults, name):
            yield _changed(name, getattr(settings, name, ""), getattr(defaults, name), "E004")


def check_classes(**kwargs: object) -> Iterator[CheckMessage]:
    """Our classes, or the site's own made from them."""
    given = _toolkit_settings()
    for key in CLASSES:
        if key.endswith("_ADMIN_CLASS") and not apps.is_installed("django.contrib.admin"):
            continue
        path = given.get(key, defaults.OAUTH2_PROVIDER[key])
        ours = import_string(str(defaults.OAUTH2_PROVIDER[key]))
        try:
            found = import_string(path) if isinstance(path, str) else path
        except ImportError as error:
            hint = f'Correct the path, or remove "{key}" from your OAUTH2_PROVIDER.'
            yield Error(f"OAUTH2_PROVIDER[{key!r}] cannot be imported: {error}.", hint=hint, id=f"{PREFIX}.E003")
            continue
        if not (isinstance(found, type) and issubclass(found, ours)):
            hint = f'Derive it from {ours.__module__}.{ours.__qualname__}, or remove "{key}" from your OAUTH2_PROVIDER.'
            yield Error(f"OAUTH2_PROVIDER[{key!r}] is none of codeflow's.", hint=hint, id=f"{PREFIX}.E003")


def check_issuer(**kwargs: object) -> Iterator[CheckMessage]:
    """The issuer is pinned: an address taken from the Host header would let a request choose it (RFC 8414 3.3)."""
    issuer = _issuer()
    if not issuer:
        hint = 'OAUTH2_PROVIDER = {**OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": "https://your.host/o"}'
        kind, number = (Caution, "W002") if settings.DEBUG else (Error, "E005")
        yield kind("The issuer is not set: no token can be issued.", hint=hint, id=f"{PREFIX}.{number}")
    elif problem := issuer_problem(issuer, http_loopback=settings.DEBUG):
        hint = (
            "Write the address of the include as clients see it, such as https://your.host/o. "
            "http is for loopback hosts with DEBUG alone."
        )
        message = f"OAUTH2_PROVIDER['OIDC_ISS_ENDPOINT'] is {issuer!r}, which cannot be used: {problem}."
        yield Error(message, hint=hint, id=f"{PREFIX}.E006")


def check_urls(**kwargs: object) -> Iterator[CheckMessage]:
    """Both includes, compared with the issuer (Discovery 4.1; RFC 8414 3.1)."""
    issuer = split_uri(_issuer())
    path = issuer.path.rstrip("/") if issuer else "/o"
    include = f'path("{_below_script(path)[1:]}/", include("{APP}.urls"))'.replace('"/"', '""')
    try:
        endpoint = reverse(f"{PREFIX}:authorization_endpoint")
    except NoReverseMatch:
        hint = f"Add to the root URLconf: {include}"
        yield Error("The provider's addresses are not included.", hint=hint, id=f"{PREFIX}.E007")
        return
    if issuer is None:
        return
    if not endpoint.startswith(f"{path}/"):
        hint = f"Write {include}, or an issuer with the include's path. Behind a stripped prefix set FORCE_SCRIPT_NAME."
        yield Error(f"{endpoint} is not below the issuer's path {path!r}.", hint=hint, id=f"{PREFIX}.E008")
    elif not _serves_metadata(f"{path}/.well-known/openid-configuration"):
        hint = f"Write {include}: discovery is the issuer followed by /.well-known/openid-configuration."
        yield Error("Discovery is not served where the issuer puts it.", hint=hint, id=f"{PREFIX}.E009")
    if get_script_prefix() == "/" and not _serves_metadata(f"/.well-known/oauth-authorization-server{path}"):
        hint = f'Add to the root URLconf: path("", include("{APP}.well_known_urls"))'
        message = f"/.well-known/oauth-authorization-server{path} is not served by codeflow."
        yield Error(message, hint=hint, id=f"{PREFIX}.E010")


def check_lifetimes(**kwargs: object) -> Iterator[CheckMessage]:
    for key in LIFETIMES:
        usual = defaults.OAUTH2_PROVIDER[key]
        value = _toolkit_settings().get(key, usual)
        if key == "REFRESH_TOKEN_EXPIRE_SECONDS" and value is None:
            continue  # as long as the grant lives
        if not _is_seconds(value) or value == 0:
            hint = f'Write seconds, such as "{key}": {usual}.'
            yield Error(f"OAUTH2_PROVIDER[{key!r}] is no length of time.", hint=hint, id=f"{PREFIX}.E011")
        elif key == "AUTHORIZATION_CODE_EXPIRE_SECONDS" and value > LONGEST_CODE:
            hint = f'A code is redeemed at once: "{key}": {usual}. RFC 6749 4.1.2 allows {LONGEST_CODE}.'
            yield Error(f"OAUTH2_PROVIDER[{key!r}] is {value}: codes live too long.", hint=hint, id=f"{PREFIX}.E012")
        elif key == "ID_TOKEN_EXPIRE_SECONDS" and value > LONG_ID_TOKEN:
            hint = f'An ID token is read once, at sign-in: "{key}": {usual}.'
            yield Caution(f"OAUTH2_PROVIDER[{key!r}] is {value}, more than a day.", hint=hint, id=f"{PREFIX}.W003")


def check_own_settings(**kwargs: object) -> Iterator[CheckMessage]:
    """CODEFLOW_PROVIDER: unknown keys, lengths of time, algorithms, hooks."""
    for key, meant in provider_settings.unknown_keys().items():
        hint = f"Did you mean {meant}?" if meant else f"Remove it. Known keys: {', '.join(DEFAULTS)}."
        yield Error(f"CODEFLOW_PROVIDER has the unknown key {key!r}.", hint=hint, id=f"{PREFIX}.E013")
    own: Mapping[str, Any] = getattr(settings, "CODEFLOW_PROVIDER", {})
    for key in DEFAULTS:
        if key.endswith("_SECONDS") and not _is_seconds(own.get(key, DEFAULTS[key])):
            hint = f"Write seconds, such as {key!r}: {DEFAULTS[key]}."
            yield Error(f"CODEFLOW_PROVIDER[{key!r}] is no length of time.", hint=hint, id=f"{PREFIX}.E014")
    yield from _algorithm_messages(own.get("SIGNING_ALGORITHMS", DEFAULTS["SIGNING_ALGORITHMS"]))
    for key in HOOKS:
        yield from _hook_messages(key, own.get(key))


def check_key_store(**kwargs: object) -> Iterator[CheckMessage]:
    """Keys that the operator keeps: readable here, one for each algorithm, and by nobody else."""
    if not key_store.is_external():
        return
    hint = 'CODEFLOW_PROVIDER = {"KEY_STORE": "file:/path/to/keys.pem"}: unencrypted PEM. Or leave it out: "database".'
    try:
        found = {pair.alg for pair in key_store.external_keys()}
    except ImproperlyConfigured as error:
        yield Error(str(error), hint=hint, id=f"{PREFIX}.E019")
        return
    if missing := [name for name in provider_settings.signing_algorithms if name not in found]:
        hint = f'Add a key, or CODEFLOW_PROVIDER = {{"SIGNING_ALGORITHMS": {sorted(found)}, …}}.'
        yield Error(f"KEY_STORE holds no key for {', '.join(missing)}.", hint=hint, id=f"{PREFIX}.E020")
    kind, _, place = provider_settings.key_store.partition(":")
    if kind == "file" and os.name == "posix" and Path(place).stat().st_mode & 0o077:
        message = f"Others on this machine may read the signing keys in {place}."
        yield Caution(message, hint=f"chmod 600 {place}", id=f"{PREFIX}.W008")


def check_sessions(**kwargs: object) -> Iterator[CheckMessage]:
    """Signing in needs Django's sessions and users; a Strict cookie stays behind when a client sends people here."""
    for needed in (SessionMiddleware, AuthenticationMiddleware):
        if not any(_is_a(path, needed) for path in settings.MIDDLEWARE):
            path = f"{needed.__module__}.{needed.__qualname__}"
            hint = f'Add "{path}" to MIDDLEWARE.'
            yield Error(f"{needed.__name__} is missing: nobody can sign in.", hint=hint, id=f"{PREFIX}.E017")
    if str(settings.SESSION_COOKIE_SAMESITE).lower() == "strict":
        hint = 'SESSION_COOKIE_SAMESITE = "Lax"'
        message = "The session cookie is SameSite=Strict: people who come from a client are asked to sign in each time."
        yield Caution(message, hint=hint, id=f"{PREFIX}.W005")


def check_sqlite(**kwargs: object) -> Iterator[CheckMessage]:
    """A file that several threads write to. DEBUG is a developer's machine, where one person clicks."""
    alias = router.db_for_write(Client)
    database = connections[alias].settings_dict
    if connections[alias].vendor != "sqlite" or settings.DEBUG or ":memory:" in str(database["NAME"]):
        return
    mode = str(database["OPTIONS"].get("transaction_mode", "")).upper()
    if mode not in ("IMMEDIATE", "EXCLUSIVE"):
        hint = f'DATABASES[{alias!r}][\'OPTIONS\'] = {{"transaction_mode": "IMMEDIATE", …}}'
        message = "SQLite takes its write lock late: two requests at once fail with `database is locked`."
        yield Caution(message, hint=hint, id=f"{PREFIX}.W006")
    if database["ATOMIC_REQUESTS"]:
        hint = f"Remove ATOMIC_REQUESTS from DATABASES[{alias!r}]; codeflow's endpoints make their own transactions."
        message = (
            "ATOMIC_REQUESTS makes every request hold SQLite's lock until it is answered, even while it calls a server."
        )
        yield Caution(message, hint=hint, id=f"{PREFIX}.W007")


def check_tables_of_toolkit(databases: Any = None, **kwargs: object) -> Iterator[CheckMessage]:
    """A site that ran DOT with its own models cannot swap them late: rows would be lost, and migrate stops halfway."""
    alias = router.db_for_write(Client)
    if alias not in (databases or ()):
        return
    found, filled = _tables_of_toolkit(alias)
    swapped_early = (PREFIX, "0001_initial") in MigrationRecorder(connections[alias]).applied_migrations()
    if not found or (swapped_early and not filled):
        return
    state = f"rows in {', '.join(filled)}" if filled else "all empty"
    hint = (
        "Give codeflow a database of its own. Or let the old registrations go: with the settings as they were before codeflow, "
        "note each application's name and redirect URIs and run `manage.py migrate oauth2_provider zero`; then add codeflow's "
        "lines, run `manage.py migrate`, and register each again with `manage.py codeflow_client add` (its people sign in anew)."
    )
    message = f"The database {alias!r} already holds django-oauth-toolkit's own tables ({state}); its models cannot be swapped now."
    yield Error(message, hint=hint, id=f"{PREFIX}.E018")


CHECKS = (
    check_apps,
    check_defaults,
    check_classes,
    check_issuer,
    check_urls,
    check_lifetimes,
    check_own_settings,
    check_key_store,
    check_sessions,
    check_sqlite,
)


def _toolkit_settings() -> Mapping[str, Any]:
    given: Mapping[str, Any] = getattr(settings, "OAUTH2_PROVIDER", None) or {}
    return given


def _issuer() -> str:
    return str(_toolkit_settings().get("OIDC_ISS_ENDPOINT") or "")


def _changed(name: str, value: object, must: object, number: str) -> Error:
    hint = f"It must be {must!r}. Remove your own value; `{DEFAULTS_LINE}` has the right one."
    return Error(f"{name} is {value!r}.", hint=hint, id=f"{PREFIX}.{number}")


def _serves_metadata(path: str) -> bool:
    try:
        view = resolve(_below_script(path)).func
    except Resolver404:
        return False
    found = getattr(view, "view_class", None)
    return isinstance(found, type) and issubclass(found, MetadataView)


def _below_script(path: str) -> str:
    """`path` as Django's resolver sees it: without the prefix that the server strips."""
    return f"/{path.removeprefix(get_script_prefix().rstrip('/')).lstrip('/')}"


def _is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _algorithm_messages(algorithms: Any) -> Iterator[CheckMessage]:
    known = ", ".join(ALGORITHMS)
    hint = f'CODEFLOW_PROVIDER = {{"SIGNING_ALGORITHMS": ["RS256"]}}; known are {known}.'
    listed = list(algorithms) if isinstance(algorithms, list | tuple) else []
    for unknown in [repr(name) for name in listed if name not in ALGORITHMS] or ([] if listed else ["no algorithm"]):
        yield Error(f"CODEFLOW_PROVIDER['SIGNING_ALGORITHMS'] names {unknown}.", hint=hint, id=f"{PREFIX}.E015")
    if listed and "RS256" not in listed:
        message = (
            "CODEFLOW_PROVIDER['SIGNING_ALGORITHMS'] leaves out RS256, which every provider must offer (Discovery 3)."
        )
        yield Caution(message, hint='Add "RS256"; the first one is the default.', id=f"{PREFIX}.W004")


def _hook_messages(key: str, value: Any) -> Iterator[CheckMessage]:
    hint = "Write a dotted path to a function, or the function itself."
    try:
        hook = import_string(value) if isinstance(value, str) else value
    except ImportError as error:
        yield Error(f"CODEFLOW_PROVIDER[{key!r}] cannot be imported: {error}.", hint=hint, id=f"{PREFIX}.E016")
        return
    if hook is not None and not callable(hook):
        yield Error(f"CODEFLOW_PROVIDER[{key!r}] cannot be called.", hint=hint, id=f"{PREFIX}.E016")


def _is_a(path: str, middleware: type) -> bool:
    try:
        found = import_string(path)
    except ImportError:
        return False
    return isinstance(found, type) and issubclass(found, middleware)


def _tables_of_toolkit(alias: str) -> tuple[list[str], list[str]]:
    """Tables that DOT makes when its models are not swapped, and those of them that hold rows."""
    names = [f"oauth2_provider_{name}" for name in ("application", "grant", "accesstoken", "refreshtoken", "idtoken")]
    connection = connections[alias]
    with connection.cursor() as cursor:
        existing = set(connection.introspection.table_names(cursor))
        found = [name for name in names if name in existing]
        filled = []
        for name in found:
            cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(name)} LIMIT 1")  # noqa: S608  fixed names
            if cursor.fetchone():
                filled.append(name)
    return found, filled
