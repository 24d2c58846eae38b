"""System checks: each mistake is found, named by its id, and told with the line that mends it."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.apps import apps
from django.core.checks import Error, Tags, registry, run_checks
from django.core.checks import Warning as Caution
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.urls import clear_script_prefix, set_script_prefix

from codeflow.provider import checks, defaults
from codeflow.provider.admin import ClientAdmin
from tests.projects.both import settings as both
from tests.projects.provider_only import urls as provider_urls

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "checks.md"
MIDDLEWARE = both.MIDDLEWARE


class SiteClientAdmin(ClientAdmin):
    """What a site with its own admin theme would write."""


class MyTable:
    pass


def found():
    return [message for check in checks.CHECKS for message in check()]


def ids():
    return [message.id.partition(".")[2] for message in found()]


@pytest.fixture
def toolkit(settings):
    """Changes single keys of OAUTH2_PROVIDER."""

    def change(**values):
        settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, **values}

    return change


@pytest.fixture(autouse=True)
def _fresh_urls():
    yield
    clear_script_prefix()


def only(number):
    """The one message, which has this number and a hint."""
    messages = found()
    assert [message.id for message in messages] == [f"codeflow_provider.{number}"]
    assert messages[0].hint
    assert isinstance(messages[0], Error if number.startswith("E") else Caution)
    return messages[0]


def test_a_site_set_up_as_the_readme_says_has_no_message():
    assert found() == []


def test_checks_are_registered_and_the_one_with_sql_runs_on_demand_alone(monkeypatch):
    monkeypatch.setattr(registry.registry, "registered_checks", set())
    monkeypatch.setattr(registry.registry, "deployment_checks", set())
    checks.register_checks()
    assert set(checks.CHECKS) < registry.registry.registered_checks
    assert Tags.database in checks.check_tables_of_toolkit.tags
    assert run_checks() == []


def test_every_id_stands_in_the_reference():
    source = Path(checks.__file__).read_text(encoding="utf-8")
    text = REFERENCE.read_text(encoding="utf-8")
    numbers = {
        word for word in source.replace('"', " ").replace("}", " ").replace(".", " ").split() if word[1:].isdigit()
    }
    numbers = {number for number in numbers if number[0] in "EW" and len(number) == 4}
    assert len(numbers) > 20
    assert [number for number in sorted(numbers) if f"`codeflow_provider.{number}`" not in text] == []


def test_missing_umbrella_app_is_a_warning(monkeypatch):
    installed = apps.is_installed
    monkeypatch.setattr(apps, "is_installed", lambda name: name != "codeflow" and installed(name))
    assert "INSTALLED_APPS" in only("W001").hint


def test_own_dict_in_place_of_the_defaults_names_every_lost_key(settings):
    settings.OAUTH2_PROVIDER = {"OIDC_ISS_ENDPOINT": "https://testserver/o"}
    message = only("E001")
    for key in defaults.OAUTH2_PROVIDER:
        assert key in message.msg
    assert "**OAUTH2_PROVIDER" in message.hint


def test_single_lost_default_is_named(settings):
    settings.OAUTH2_PROVIDER = {
        key: value for key, value in settings.OAUTH2_PROVIDER.items() if key != "REFRESH_TOKEN_REUSE_PROTECTION"
    }
    assert only("E001").msg.endswith(": REFRESH_TOKEN_REUSE_PROTECTION.")


@pytest.mark.spec("RFC 9700", "2", "the gates of the best current practice stay on")
@pytest.mark.parametrize("key", checks.HELD)
def test_changed_default_is_named_with_the_right_value(toolkit, key):
    toolkit(**{key: ["http", "https"] if key == "ALLOWED_REDIRECT_URI_SCHEMES" else "something else"})
    message = only("E002")
    assert repr(key) in message.msg
    assert repr(defaults.OAUTH2_PROVIDER[key]) in message.hint


@pytest.mark.spec("RFC 6749", "3.3", "a missing scope never means every scope")
def test_default_scopes_that_mean_everything_are_refused(toolkit):
    toolkit(DEFAULT_SCOPES=["__all__"])
    assert "every scope" in only("E002").msg


def test_sites_own_texts_and_lifetimes_are_left_alone(toolkit):
    toolkit(SCOPES={"openid": "Hello"}, DEFAULT_SCOPES=["openid"], ACCESS_TOKEN_EXPIRE_SECONDS=60)
    toolkit(REFRESH_TOKEN_EXPIRE_SECONDS=None)
    assert found() == []


def test_class_that_cannot_be_imported_is_named(toolkit):
    toolkit(OAUTH2_VALIDATOR_CLASS="codeflow.provider.validater.Validator")
    message = only("E003")
    assert "OAUTH2_VALIDATOR_CLASS" in message.msg
    assert "validater" in message.msg


@pytest.mark.parametrize(
    "value", ["oauth2_provider.oauth2_validators.OAuth2Validator", MyTable, "tests.conftest.pytest_plugins"]
)
def test_class_that_is_not_made_from_ours_is_named(toolkit, value):
    toolkit(OAUTH2_VALIDATOR_CLASS=value)
    assert "codeflow.provider.validator.Validator" in only("E003").hint


def test_sites_own_admin_class_made_from_ours_is_accepted(toolkit):
    toolkit(APPLICATION_ADMIN_CLASS=f"{__name__}.SiteClientAdmin")
    assert found() == []


def test_admin_classes_do_not_matter_to_a_site_without_the_admin(toolkit, monkeypatch):
    installed = apps.is_installed
    monkeypatch.setattr(apps, "is_installed", lambda name: name != "django.contrib.admin" and installed(name))
    toolkit(APPLICATION_ADMIN_CLASS="nowhere.Admin")
    assert found() == []


def test_swapped_model_that_is_not_ours_is_named(settings):
    settings.OAUTH2_PROVIDER_GRANT_MODEL = "oauth2_provider.Grant"
    assert "codeflow_provider.AuthorizationCode" in only("E004").hint


@pytest.mark.spec("RFC 8414", "3.3", "the issuer is pinned")
@pytest.mark.parametrize(("debug", "number"), [(False, "E005"), (True, "W002")])
def test_issuer_that_is_not_set_is_an_error_in_production(settings, toolkit, debug, number):
    settings.DEBUG = debug
    toolkit(OIDC_ISS_ENDPOINT="")
    assert "OIDC_ISS_ENDPOINT" in only(number).hint


@pytest.mark.parametrize(
    "issuer",
    ["testserver/o", "http://testserver/o", "https://testserver/o?x=1", "https://a@testserver/o", "http://localhost/o"],
)
def test_issuer_that_cannot_be_one_is_quoted(toolkit, issuer):
    toolkit(OIDC_ISS_ENDPOINT=issuer)
    assert repr(issuer) in only("E006").msg


def test_issuer_on_loopback_may_be_http_on_a_developers_machine(settings, toolkit):
    settings.DEBUG = True
    toolkit(OIDC_ISS_ENDPOINT="http://localhost:8000/o")
    assert found() == []


def test_missing_include_is_told_with_its_line(settings, toolkit):
    settings.ROOT_URLCONF = "tests.projects.relying_party_only.urls"
    toolkit(OIDC_ISS_ENDPOINT="https://testserver/id/v1/")
    assert 'path("id/v1/", include("codeflow.provider.urls"))' in only("E007").hint


def test_include_outside_the_issuers_path_is_told(toolkit):
    toolkit(OIDC_ISS_ENDPOINT="https://testserver/oauth")
    message = only("E008")
    assert "/o/authorize/" in message.msg
    assert "'/oauth'" in message.msg
    assert 'path("oauth/", include("codeflow.provider.urls"))' in message.hint


def test_issuer_at_the_root_is_served_by_the_root_include(toolkit):
    toolkit(OIDC_ISS_ENDPOINT="https://testserver")
    assert found() == []


@pytest.mark.spec("OIDC Discovery", "4.1", "the document is below the issuer")
def test_include_deeper_than_the_issuer_hides_discovery(settings, toolkit, monkeypatch):
    from django.urls import include, path

    patterns = [path("id/o/", include("codeflow.provider.urls")), *provider_urls.urlpatterns[-1:]]
    settings.ROOT_URLCONF = type("URLs", (), {"urlpatterns": patterns})
    toolkit(OIDC_ISS_ENDPOINT="https://testserver/id")
    only("E009")


@pytest.mark.spec("RFC 8414", "3.1", "the well-known part stands before the issuer's path")
def test_missing_root_include_is_told_with_its_line(settings):
    settings.ROOT_URLCONF = type("URLs", (), {"urlpatterns": provider_urls.urlpatterns[:-1]})
    message = only("E010")
    assert "/.well-known/oauth-authorization-server/o" in message.msg
    assert 'path("", include("codeflow.provider.well_known_urls"))' in message.hint


def test_another_view_at_the_well_known_address_is_told(settings):
    from django.urls import path

    taken = path(".well-known/oauth-authorization-server/o", lambda request: None)
    settings.ROOT_URLCONF = type("URLs", (), {"urlpatterns": [taken, *provider_urls.urlpatterns]})
    only("E010")


def test_prefix_that_the_server_strips_is_part_of_the_issuer(toolkit):
    set_script_prefix("/app/")
    toolkit(OIDC_ISS_ENDPOINT="https://testserver/app/o")
    assert found() == []
    toolkit(OIDC_ISS_ENDPOINT="https://testserver/o")
    assert "FORCE_SCRIPT_NAME" in only("E008").hint


@pytest.mark.parametrize("value", ["60", None, 0, -1, True])
def test_lifetime_that_is_none_is_named(toolkit, value):
    toolkit(ACCESS_TOKEN_EXPIRE_SECONDS=value)
    assert "ACCESS_TOKEN_EXPIRE_SECONDS" in only("E011").msg


@pytest.mark.spec("RFC 6749", "4.1.2", "a code lives ten minutes at most")
def test_code_that_lives_longer_than_ten_minutes_is_refused(toolkit):
    toolkit(AUTHORIZATION_CODE_EXPIRE_SECONDS=601)
    assert "601" in only("E012").msg
    toolkit(AUTHORIZATION_CODE_EXPIRE_SECONDS=600)
    assert found() == []


def test_id_token_that_lives_for_days_is_a_warning(toolkit):
    toolkit(ID_TOKEN_EXPIRE_SECONDS=86401)
    only("W003")


@pytest.mark.parametrize(
    ("key", "hint"), [("SIGNING_ALGORITHM", "Did you mean SIGNING_ALGORITHMS?"), ("X", "Known keys: ")]
)
def test_unknown_key_is_told_with_the_one_that_was_meant(settings, key, hint):
    settings.CODEFLOW_PROVIDER = {key: 1}
    message = only("E013")
    assert repr(key) in message.msg
    assert hint in message.hint


@pytest.mark.parametrize("value", ["60", -1, False])
def test_own_length_of_time_that_is_none_is_named(settings, value):
    settings.CODEFLOW_PROVIDER = {"CACHE_SECONDS": value}
    assert "CACHE_SECONDS" in only("E014").msg


@pytest.mark.parametrize("value", [["RS256", "HS256"], ["RS256", "none"], [], "RS256"])
def test_algorithm_that_cannot_be_used_is_refused(settings, value):
    settings.CODEFLOW_PROVIDER = {"SIGNING_ALGORITHMS": value}
    assert "SIGNING_ALGORITHMS" in only("E015").hint


@pytest.mark.spec("OIDC Discovery", "3", "RS256 is among the algorithms")
def test_algorithms_without_rs256_are_a_warning(settings):
    settings.CODEFLOW_PROVIDER = {"SIGNING_ALGORITHMS": ["ES256"]}
    only("W004")


@pytest.mark.parametrize("value", ["nowhere.hook", "tests.conftest.nothing", "tests.provider.test_checks.REFERENCE", 7])
@pytest.mark.parametrize("key", checks.HOOKS)
def test_hook_that_cannot_be_called_is_named(settings, key, value):
    settings.CODEFLOW_PROVIDER = {key: value}
    assert key in only("E016").msg


@pytest.mark.parametrize("value", ["tests.provider.test_checks.found", found, None])
def test_hook_that_can_be_called_is_accepted(settings, value):
    settings.CODEFLOW_PROVIDER = {"SUBJECT": value}
    assert found() == []


@pytest.fixture
def key_file(tmp_path, settings):
    """An external key store with one P-256 key, which only its owner reads."""
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "keys.pem"
    path.write_bytes(pem)
    path.chmod(0o600)
    settings.CODEFLOW_PROVIDER = {"KEY_STORE": f"file:{path}", "SIGNING_ALGORITHMS": ["ES256"]}
    return path


def test_external_key_that_fits_leaves_only_the_advice_to_add_rs256(key_file):
    only("W004")


@pytest.mark.parametrize("store", ["file:/nowhere/keys.pem", "env:NOT_THERE", "vault:x"])
def test_key_store_that_cannot_be_used_is_named(settings, store):
    settings.CODEFLOW_PROVIDER = {"KEY_STORE": store}
    assert "KEY_STORE" in only("E019").hint


def test_algorithm_without_a_key_in_the_store_is_named(settings, key_file):
    settings.CODEFLOW_PROVIDER = {**settings.CODEFLOW_PROVIDER, "SIGNING_ALGORITHMS": ["RS256", "ES256"]}
    message = only("E020")
    assert message.msg == "KEY_STORE holds no key for RS256."
    assert "ES256" in message.hint


@pytest.mark.skipif(os.name != "posix", reason="other systems keep no such mode")
def test_key_file_that_others_may_read_is_a_warning(key_file):
    key_file.chmod(0o644)
    assert ids() == ["W004", "W008"]


@pytest.mark.parametrize(
    "path",
    ["django.contrib.sessions.middleware.SessionMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware"],
)
def test_missing_middleware_is_named(settings, path):
    settings.MIDDLEWARE = [name for name in MIDDLEWARE if name != path]
    assert path in only("E017").hint


def test_middleware_that_cannot_be_imported_is_djangos_to_tell(settings):
    settings.MIDDLEWARE = ["nowhere.Middleware", *MIDDLEWARE]
    assert found() == []


def test_strict_session_cookie_is_a_warning(settings):
    settings.SESSION_COOKIE_SAMESITE = "Strict"
    assert "Lax" in only("W005").hint


@pytest.fixture
def sqlite_file(monkeypatch):
    """As if the site ran on a SQLite file with these settings."""

    def use(name="/srv/site.sqlite3", mode="IMMEDIATE", *, atomic=False):
        options = {"transaction_mode": mode} if mode else {}
        database = {"NAME": name, "OPTIONS": options, "ATOMIC_REQUESTS": atomic}
        backend = SimpleNamespace(vendor="sqlite", settings_dict=database)
        monkeypatch.setattr(checks, "connections", {"default": backend})

    return use


def test_sqlite_that_takes_its_lock_late_is_a_warning(sqlite_file):
    sqlite_file(mode="")
    assert "transaction_mode" in only("W006").hint


def test_sqlite_as_it_should_be_has_no_message(sqlite_file):
    sqlite_file(mode="immediate")
    assert found() == []


def test_sqlite_with_atomic_requests_is_a_warning(sqlite_file):
    sqlite_file(atomic=True)
    assert "ATOMIC_REQUESTS" in only("W007").hint


def test_sqlite_of_a_developer_or_in_memory_is_left_alone(settings, sqlite_file):
    sqlite_file(name=":memory:", mode="", atomic=True)
    assert found() == []
    sqlite_file(mode="", atomic=True)
    settings.DEBUG = True
    assert found() == []


def tables(databases):
    return list(checks.check_tables_of_toolkit(databases=databases))


def make_table(name, *, filled):
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {name} (id integer)")
        if filled:
            cursor.execute(f"INSERT INTO {name} VALUES (1)")  # noqa: S608  names of this file


@pytest.mark.django_db
def test_plain_check_asks_no_database(count_statements):
    with count_statements(at_most=0):
        assert tables(None) == []
        assert tables(["other"]) == []
        assert found() == []


@pytest.mark.django_db
def test_database_without_the_toolkits_tables_has_no_message():
    assert tables(["default"]) == []


@pytest.mark.django_db
def test_filled_tables_of_the_toolkit_are_an_error_that_says_what_can_be_done():
    make_table("oauth2_provider_application", filled=True)
    make_table("oauth2_provider_grant", filled=False)
    [message] = tables(["default"])
    assert message.id == "codeflow_provider.E018"
    assert "rows in oauth2_provider_application)" in message.msg
    assert "migrate oauth2_provider zero" in message.hint
    assert "codeflow_client add" in message.hint


@pytest.mark.django_db
def test_empty_tables_of_the_toolkit_are_an_error_only_while_migrate_would_stop():
    make_table("oauth2_provider_application", filled=False)
    assert tables(["default"]) == []
    MigrationRecorder(connection).record_unapplied("codeflow_provider", "0001_initial")
    [message] = tables(["default"])
    assert "all empty" in message.msg
