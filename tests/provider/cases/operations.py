"""AR, DO-04: what can be read from the code, the schema and the audit trail."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import global_settings
from django.db.models import ForeignKey, ManyToManyField

from codeflow.core import jose
from codeflow.provider import keys
from codeflow.provider.models import (
    AccessToken,
    AuditEvent,
    AuthorizationCode,
    Consent,
    LogoutDelivery,
    ProviderSession,
    RefreshToken,
)
from tests.provider.cases.table import case
from tests.provider.cases.world import World, assert_invalid_token
from tests.provider.exchange import Browser, code_for, tokens_for
from tests.provider.factories import UserFactory

ROOT = Path(__file__).parents[3]
WRONG_ON_PURPOSE = {"testing", "unsafe"}
"""The test kit and the demo's careless client."""
SOURCES = [
    path
    for folder in ("codeflow", "demo_site")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if not WRONG_ON_PURPOSE & set(path.parts)
]

FORBIDDEN_RANDOM = {"uuid1", "getrandbits", "randbytes", "choices", "randint"}


def _calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {str(node.module), *(alias.name for alias in node.names)}
    return names


@case("DO-04")
def what_expires_is_indexed_by_when(world: World) -> None:
    """That it goes is the rule of tests/provider/test_clearing.py."""
    for model in (AuthorizationCode, AccessToken, RefreshToken):
        assert (
            any("expires" in index.fields for index in model._meta.indexes) or model._meta.get_field("expires").db_index
        )
    assert AuditEvent._meta.get_field("at").db_index


@case("AR-09")
def passwords_are_left_to_django(world: World) -> None:
    assert global_settings.PASSWORD_HASHERS[0].endswith("PBKDF2PasswordHasher")
    for path in (ROOT / "demo_site").rglob("*.py"):
        assert "PASSWORD_HASHERS" not in path.read_text(encoding="utf-8"), path


@case("AR-12")
def there_is_no_column_for_what_does_not_exist(world: World) -> None:
    for model in apps.get_models():
        if model._meta.app_label.startswith("codeflow"):
            for field in model._meta.get_fields():
                assert not re.search(r"registration|initial_access|request_uri$", field.name), (model, field)


@case("AR-13")
def consent_holds_who_and_what_and_nothing_else(world: World) -> None:
    world.code()
    allowed = {"id", "user", "client", "scope", "resource", "created", "updated"}
    columns = {field.name for field in Consent._meta.concrete_fields}
    people = {name for name in columns - allowed if re.search(r"mail|name|token|claim|address|phone", name)}
    assert not people
    row = Consent.objects.get()
    texts = [
        str(field.value_from_object(row))
        for field in Consent._meta.concrete_fields
        if not isinstance(field, (ForeignKey, ManyToManyField))
    ]
    assert not any(world.user.email and world.user.email in text for text in texts)


@case("AR-22")
def every_security_event_is_recorded(world: World) -> None:
    browser, stranger = Browser(), Browser()
    stranger.open("/o/login/")
    stranger.submit("codeflow-login", username=world.user.get_username(), password="wrong")
    browser.sign_in(world.user)
    code = code_for(browser, world.party)
    tokens = world.party.redeem(code).json()
    world.party.redeem(code)
    fresh = tokens_for(browser, world.party)
    second = world.party.refresh(fresh["refresh_token"]).json()
    world.party.refresh(second["refresh_token"])
    world.party.refresh(fresh["refresh_token"])
    world.party.revoke(tokens_for(browser, world.party)["access_token"])
    world.party.secret = "wrong"
    world.party.refresh(tokens["refresh_token"])
    browser.open("/o/logout/")
    browser.submit("codeflow-logout")
    trail = list(AuditEvent.objects.all())
    happened = {(row.event, row.reason) for row in trail}
    assert {name for name, _ in happened} >= {
        "login.succeeded", "login.failed", "consent.given", "code.issued", "token.issued", "token.refreshed", "token.revoked",
        "token.refused", "session.ended", "key.made",
    }  # fmt: skip
    refused = {reason for name, reason in happened if name == "token.refused"}
    assert "wrong_secret" in refused
    assert len([reason for reason in refused if "replay" in reason or "reuse" in reason]) >= 2, refused
    came = [
        row
        for row in trail
        if row.event.startswith(("code.", "token.", "consent.", "session.")) or row.event == "login.failed"
    ]
    assert all(row.at and row.address == "127.0.0.1" for row in came)
    assert all(row.client_id == world.party.row.client_id for row in trail if row.event.startswith(("code.", "token.")))
    assert not any(
        value in f"{row.reason} {row.reference}" for row in trail for value in (code, *map(str, tokens.values()))
    )


@case("AR-31", "AR-39")
def person_who_is_deleted_leaves_nothing_alive(world: World) -> None:
    world.party.row.backchannel_logout_uri = "https://rp.example/backchannel"
    world.party.row.save()
    user = UserFactory()
    browser = Browser()
    browser.force_sign_in(user)
    tokens, pk = tokens_for(browser, world.party), user.pk
    user.delete()
    assert_invalid_token(world.party.userinfo(tokens["access_token"]))
    assert world.party.refresh(tokens["refresh_token"]).status_code == 400
    for model in (Consent, AccessToken, RefreshToken, AuthorizationCode, ProviderSession):
        assert not model.objects.filter(user_id=pk).exists()
    assert LogoutDelivery.objects.get().sub == str(pk)
    assert UserFactory().pk != pk


@case("AR-31")
def client_that_is_deleted_leaves_nothing_alive(world: World) -> None:
    tokens = world.tokens()
    world.party.row.delete()
    assert_invalid_token(world.party.userinfo(tokens["access_token"]))
    assert world.party.refresh(tokens["refresh_token"]).status_code == 401


@case("AR-42")
def tokens_verify_at_every_moment_of_a_rotation(world: World) -> None:
    """A relying party that fetches the key set once an hour verifies whatever was signed since."""
    fetched = keys.published_jwks()
    for hour in range(60):
        if hour == 5:
            keys.rotate("RS256")
        token = keys.signing_key("RS256")
        signed = jose.sign({"sub": "1"}, token.private_key, alg=token.alg, kid=token.kid)
        jose.verify(signed, fetched, algorithms=["RS256"], types=("JWT",))
        world.clock.advance(hours=1)
        fetched = keys.published_jwks()
        jose.verify(signed, fetched, algorithms=["RS256"], types=("JWT",))
    assert len([key for key in fetched if key["alg"] == "RS256"]) >= 1


@case("AR-44")
def randomness_comes_from_secrets_alone(world: World) -> None:
    """`random.uniform` may say how long to wait before trying again; that is no secret."""
    for path in SOURCES:
        assert not FORBIDDEN_RANDOM & _imports(path), path
        used = {ast.unparse(call.func) for call in _calls(path)}
        assert {name for name in used if name.startswith("random.")} <= {"random.uniform"}, path


@case("AR-45")
def secrets_are_compared_in_constant_time(world: World) -> None:
    """Hashes of tokens are looked up by index; where values are compared in Python, hmac does it."""
    for path, names in {
        "provider/clients.py": ("stored_hash",),
        "core/pkce.py": ("code_challenge", "expected"),
        "relying_party/flow/step4_authorization_response.py": ("state",),
    }.items():
        tree = ast.parse((ROOT / "codeflow" / path).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
                sides = {part.id for part in (node.left, *node.comparators) if isinstance(part, ast.Name)}
                assert not sides & set(names), f"{path}:{node.lineno}"
    assert "compare_digest" in (ROOT / "codeflow/provider/clients.py").read_text(encoding="utf-8")
    assert "compare_digest" in (ROOT / "codeflow/core/pkce.py").read_text(encoding="utf-8")


@case("AR-46")
def one_door_verifies_jwts_with_a_pinned_algorithm(world: World) -> None:
    for path in SOURCES:
        if path.name != "jose.py":
            assert "jwt" not in _imports(path), path
    for call in _calls(ROOT / "codeflow/core/jose.py"):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if (
            name in ("decode", "decode_complete")
            and isinstance(call.func, ast.Attribute)
            and ast.unparse(call.func.value) == "jwt"
        ):
            assert any(keyword.arg == "algorithms" for keyword in call.keywords), ast.unparse(call)


@case("AR-47")
def dependencies_are_pinned_and_their_audit_is_described(world: World) -> None:
    lines = [
        line.partition("#")[0].partition(";")[0].strip()
        for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    ]
    assert all("==" in line for line in lines if line and not line.startswith("-"))
    assert "pip-audit" in (ROOT / "SECURITY.md").read_text(encoding="utf-8")


@case("AR-50")
def migrations_hold_no_secret(world: World) -> None:
    for path in (ROOT / "codeflow").rglob("migrations/*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"cfs_|PRIVATE KEY|pbkdf2_|sha256\$[0-9A-Za-z]", text), path
        assert not re.search(r"['\"][A-Za-z0-9_\-+/]{40,}['\"]", text), path
