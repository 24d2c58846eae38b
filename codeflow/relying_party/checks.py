"""System checks: what can be known about the settings without the network, each with the line that mends it."""

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as Caution
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

from codeflow.core.uris import is_loopback_host, issuer_problem, split_uri
from codeflow.relying_party.backends import OpenIDConnectBackend
from codeflow.relying_party.conf import KEYS, conf
from codeflow.relying_party.entries import did_you_mean, problems_of
from codeflow.relying_party.flow.discovery import is_safe_endpoint
from codeflow.relying_party.roles import FLAGS

PREFIX = "codeflow_relying_party"
MIDDLEWARE = "codeflow.relying_party.middleware.RelyingPartyMiddleware"
BACKEND = "codeflow.relying_party.backends.OpenIDConnectBackend"
_AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"
_ONE_PROCESS = ("locmem.LocMemCache", "dummy.DummyCache")


def check_umbrella_app(**kwargs: object) -> list[CheckMessage]:
    if apps.is_installed("codeflow"):
        return []
    hint = 'Add "codeflow" to INSTALLED_APPS; it holds the command codeflow_doctor.'
    return [Caution("The umbrella app is not installed.", hint=hint, id=f"{PREFIX}.W001")]


def check_middleware(**kwargs: object) -> list[CheckMessage]:
    paths = list(settings.MIDDLEWARE)
    if MIDDLEWARE not in paths:
        hint = f'Add "{MIDDLEWARE}" to MIDDLEWARE, after {_AUTHENTICATION}.'
        return [Error("The relying party's middleware is missing.", hint=hint, id=f"{PREFIX}.E001")]
    if _AUTHENTICATION not in paths or paths.index(MIDDLEWARE) < paths.index(_AUTHENTICATION):
        hint = f'Move "{MIDDLEWARE}" below "{_AUTHENTICATION}".'
        return [Error("The relying party's middleware stands too early.", hint=hint, id=f"{PREFIX}.E002")]
    return []


def check_backend(**kwargs: object) -> list[CheckMessage]:
    if any(issubclass(import_string(path), OpenIDConnectBackend) for path in settings.AUTHENTICATION_BACKENDS):
        return []
    hint = f'AUTHENTICATION_BACKENDS = ["{BACKEND}", *AUTHENTICATION_BACKENDS]'
    return [Error("The relying party's authentication backend is missing.", hint=hint, id=f"{PREFIX}.E003")]


def check_urls(**kwargs: object) -> list[CheckMessage]:
    try:
        reverse("codeflow_relying_party:choose")
    except NoReverseMatch:
        hint = 'Add path("auth/", include("codeflow.relying_party.urls")) to the root URLconf.'
        return [Error("The relying party's addresses are not included.", hint=hint, id=f"{PREFIX}.E004")]
    return []


def check_settings(**kwargs: object) -> list[CheckMessage]:
    """Unknown keys and an empty PROVIDERS."""
    found: list[CheckMessage] = [
        Error(
            f"CODEFLOW_RELYING_PARTY has the unknown key {key!r}.",
            hint=f"Remove it{did_you_mean(key, KEYS)}. Known keys: {', '.join(KEYS)}.",
            id=f"{PREFIX}.E005",
        )
        for key in conf.raw()
        if key not in KEYS
    ]
    if not conf.provider_names:
        hint = 'CODEFLOW_RELYING_PARTY = {"PROVIDERS": {"acme": {"issuer": …, "client_id": …, "client_secret": …}}}'
        found.append(Error("No provider is configured.", hint=hint, id=f"{PREFIX}.E006"))
    return found


def check_providers(**kwargs: object) -> list[CheckMessage]:
    return [message for name in conf.provider_names for message in _provider_messages(name)]


def _provider_messages(name: str) -> Iterator[CheckMessage]:
    problems = problems_of(name, conf.raw()["PROVIDERS"][name])
    for problem, hint in problems:
        yield Error(f"Provider {name!r}: {problem}.", hint=hint, id=f"{PREFIX}.E007")
    if problems:
        return
    provider = conf.provider(name)
    problem = issuer_problem(provider.issuer, http_loopback=settings.DEBUG)
    if problem:
        hint = "Write it exactly as the provider's metadata states it. http is for loopback hosts with DEBUG alone."
        yield Error(
            f"Provider {name!r}: the issuer {provider.issuer!r} cannot be used: {problem}.",
            hint=hint,
            id=f"{PREFIX}.E008",
        )
    for api, address in provider.apis.items():
        if not is_safe_endpoint(address, http_loopback=settings.DEBUG):
            hint = "Tokens are sent over https alone; http is for loopback hosts with DEBUG."
            yield Error(
                f"Provider {name!r}: the address of API {api!r} cannot be used.", hint=hint, id=f"{PREFIX}.E009"
            )
    if not provider.client_secret and not provider.private_key:
        hint = 'Add "client_secret" or "private_key", unless the provider registered this site as a public client.'
        yield Caution(f"Provider {name!r} has no client_secret.", hint=hint, id=f"{PREFIX}.W002")


def check_cache(**kwargs: object) -> list[CheckMessage]:
    """Single use of an attempt is counted in the cache: it must be one for all processes."""
    if conf.cache not in settings.CACHES:
        hint = f"Set CODEFLOW_RELYING_PARTY['CACHE'] to one of {', '.join(settings.CACHES)}."
        return [Error(f"There is no cache {conf.cache!r}.", hint=hint, id=f"{PREFIX}.E010")]
    backend = str(settings.CACHES[conf.cache].get("BACKEND", ""))
    if settings.DEBUG or not backend.endswith(_ONE_PROCESS):
        return []
    hint = "Use a cache that all processes share, such as Redis, Memcached or the database cache."
    return [Error("Login attempts are counted in a cache of one process alone.", hint=hint, id=f"{PREFIX}.E011")]


def check_public_url(**kwargs: object) -> list[CheckMessage]:
    """PUBLIC_URL is an origin, and https where it is not a developer's machine."""
    if not conf.public_url:
        return []
    parts = split_uri(conf.public_url)
    if parts is None or not parts.hostname or parts.path or parts.query or "#" in conf.public_url:
        hint = "Write scheme and host alone, such as https://shop.example."
        return [Error("PUBLIC_URL is not the address of a site.", hint=hint, id=f"{PREFIX}.E012")]
    if parts.scheme != "https" and not (settings.DEBUG and is_loopback_host(parts.hostname)):
        hint = "Use https; the cookie of a login attempt is not sent over http."
        return [Error("PUBLIC_URL is not https.", hint=hint, id=f"{PREFIX}.E013")]
    return []


def check_session_cookie(**kwargs: object) -> list[CheckMessage]:
    """Cookies ignore ports: two sites on one host overwrite each other's session where the cookie has one name."""
    host = getattr(split_uri(conf.public_url), "hostname", None)
    names = [name for name in conf.provider_names if not problems_of(name, conf.raw()["PROVIDERS"][name])]
    same = [name for name in names if host and _is_neighbour(conf.provider(name).issuer, host)]
    if not same or settings.SESSION_COOKIE_NAME != "sessionid":
        return []
    hint = 'Give this site its own name: SESSION_COOKIE_NAME = "client_session" (and CSRF_COOKIE_NAME likewise).'
    message = f"Provider {same[0]!r} is on the same host with another port, and both may use the cookie sessionid."
    return [Caution(message, hint=hint, id=f"{PREFIX}.W003")]


def check_session_engine(**kwargs: object) -> list[CheckMessage]:
    """What a signed cookie holds cannot be ended from here: a copy of it outlives every sign-out."""
    if not settings.SESSION_ENGINE.endswith("signed_cookies"):
        return []
    hint = 'Use sessions in the database or the cache, such as SESSION_ENGINE = "django.contrib.sessions.backends.db".'
    message = "Sessions are kept in signed cookies; a provider's logout cannot end them."
    return [Error(message, hint=hint, id=f"{PREFIX}.E014")]


def check_session_seconds(**kwargs: object) -> list[CheckMessage]:
    seconds = conf.raw().get("SESSION_SECONDS", 1)
    if isinstance(seconds, int) and not isinstance(seconds, bool) and seconds > 0:
        return []
    hint = 'Write seconds, such as "SESSION_SECONDS": 30 * 24 * 3600.'
    return [Error("SESSION_SECONDS is no positive number of seconds.", hint=hint, id=f"{PREFIX}.E015")]


def check_roles(**kwargs: object) -> list[CheckMessage]:
    """What the rules of `groups` write must exist on the user model."""
    fields = {item.name for item in get_user_model()._meta.get_fields()}
    return [
        Error(
            f"Provider {name!r}: groups has {key!r}, but the user model has no {field!r}.",
            hint=f"Derive the user model from AbstractUser or PermissionsMixin, or remove {key!r}.",
            id=f"{PREFIX}.E016",
        )
        for name in conf.provider_names
        if not problems_of(name, conf.raw()["PROVIDERS"][name])
        for key, field in (("map", "groups"), *FLAGS)
        if key in conf.groups(name) and field not in fields
    ]


def _is_neighbour(issuer: str, host: str) -> bool:
    parts, mine = split_uri(issuer), split_uri(conf.public_url)
    return bool(parts and mine and parts.hostname == host and parts.netloc != mine.netloc)


CHECKS = (
    check_umbrella_app,
    check_middleware,
    check_backend,
    check_urls,
    check_settings,
    check_providers,
    check_cache,
    check_public_url,
    check_session_cookie,
    check_session_engine,
    check_session_seconds,
    check_roles,
)
