"""Clients from the command line: add, list, rotate, disable, enable.

RFC 6749 2; RFC 6819 5.1.4.1.3. A secret goes to standard output once and nowhere else. What is wrong with a registration is said
option by option, and then nothing is written.
"""

import json
import re
from argparse import SUPPRESS, ArgumentTypeError
from datetime import timedelta
from difflib import get_close_matches
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import router, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from codeflow.provider import audit
from codeflow.provider.clients import register_client, registration_of, rotate_secret
from codeflow.provider.conf import provider_settings
from codeflow.provider.models import Client
from codeflow.provider.models.client import (
    AccessTokenFormat,
    RefreshTokenPolicy,
    SubjectType,
    TokenEndpointAuthMethod,
    default_scope,
)
from codeflow.provider.models.client_profile import RegisteredBy

ANY = "any"
BY_COMMAND = "command"
"""The audit events' reason: nobody is signed in here."""

OPTIONS = {
    "name": "--name",
    "client_id": "--client-id",
    "redirect_uris": "--redirect-uri",
    "post_logout_redirect_uris": "--post-logout-redirect-uri",
    "allowed_origins": "--allowed-origin",
    "scope": "--scope",
    "pkce_required": "--pkce",
    "token_endpoint_auth_method": "--auth-method",
    "id_token_signed_response_alg": "--id-token-alg",
    "userinfo_signed_response_alg": "--userinfo-alg",
    "subject_type": "--subject-type",
    "sector_identifier": "--sector-identifier",
    "backchannel_logout_uri": "--backchannel-logout-uri",
    "frontchannel_logout_uri": "--frontchannel-logout-uri",
    "access_token_format": "--access-token-format",
    "access_token_lifetime": "--access-token-lifetime",
    "refresh_token_policy": "--refresh-tokens",
    "may_introspect": "--may-introspect",
}
"""Field of Client → the option that fills it."""

FURTHER = tuple(OPTIONS)[8:]
"""The fields that few clients need: left at the model's default where the option is not given."""

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Command(BaseCommand):
    help = "Registers clients, lists them, rotates their secrets, disables and enables them."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="add|list|rotate|disable|enable")
        _add_options_of_add(actions.add_parser("add", help=_("register a client; its secret is printed once")))
        _add_json(actions.add_parser("list", help=_("the registered clients")))
        rotate = actions.add_parser("rotate", help=_("make a new secret; the newest old one works on for a while"))
        rotate.add_argument("client_id", metavar="CLIENT_ID")
        rotate.add_argument(
            "--overlap", type=duration, default="24h", help=_("how long the old one works on: 30m, 24h, 7d, 0h (24h)")
        )
        _add_json(rotate)
        for name, text in (("disable", _("end a client's access at once")), ("enable", _("give it back"))):
            actions.add_parser(name, help=text).add_argument("client_id", metavar="CLIENT_ID")
        for action in actions.choices.values():  # manage.py reads these two wherever they stand
            action.add_argument("--settings", help=SUPPRESS)
            action.add_argument("--pythonpath", help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, f"_{options['action']}")(options)

    def _add(self, options: dict[str, Any]) -> None:
        _check_options(options)
        try:
            with transaction.atomic(using=router.db_for_write(Client)):
                client, secret = register_client(
                    name=options["name"].strip(),
                    client_id=options["client_id"],
                    redirect_uris=options["redirect_uri"],
                    post_logout_redirect_uris=options["post_logout_redirect_uri"],
                    allowed_origins=options["allowed_origin"],
                    scope=options["scope"] or default_scope(),
                    public=options["public"],
                    pkce_required=options["pkce"] == "required",
                    token_endpoint_auth_method="" if options["auth_method"] == ANY else options["auth_method"],
                    skip_authorization=options["skip_consent"],
                    registered_by=RegisteredBy.COMMAND,
                    **{field: value for field in FURTHER if (value := options[_destination(field)]) is not None},
                )
                audit.record("client.registered", client_id=client.client_id, reason=BY_COMMAND)
        except ValidationError as error:
            raise CommandError("\n".join(problems_of(error))) from error
        if options["json"]:
            self._print_json({**described(client), **({"client_secret": secret} if secret else {})})
            return
        self.stdout.write(_("%(client)s is registered.") % {"client": _printable(str(client))})
        self._print_credentials(client, secret)

    def _list(self, options: dict[str, Any]) -> None:
        clients = Client.objects.prefetch_related("secrets").order_by("name", "client_id")
        if options["json"]:
            self._print_json([described(client) for client in clients])
            return
        for client in clients:
            state = _("active") if client.is_active else _("disabled")
            kind = client.get_client_type_display()
            self.stdout.write(f"{client.client_id:<24} {kind:<13} {state:<9} {_printable(client.name)}")
        if not clients:
            self.stdout.write(_("No client is registered. Add one: manage.py codeflow_client add --help"))

    def _rotate(self, options: dict[str, Any]) -> None:
        client = find(options["client_id"])
        if client.is_public:
            raise CommandError(_("%(id)s is a public client: it has no secret to rotate.") % {"id": client.client_id})
        overlap: timedelta = options["overlap"]
        with transaction.atomic(using=router.db_for_write(Client)):
            secret = rotate_secret(client, overlap=overlap)
            audit.record("secret.rotated", client_id=client.client_id, reason=BY_COMMAND)
        if options["json"]:
            self._print_json({**described(client), "client_secret": secret})
            return
        self._print_credentials(client, secret)
        ends = timezone.localtime(timezone.now() + overlap).isoformat(" ", "minutes")
        self.stdout.write(_("The secret before it works until %(ends)s, older ones no more.") % {"ends": ends})

    def _disable(self, options: dict[str, Any]) -> None:
        self._set_active(find(options["client_id"]), active=False)

    def _enable(self, options: dict[str, Any]) -> None:
        self._set_active(find(options["client_id"]), active=True)

    def _set_active(self, client: Client, *, active: bool) -> None:
        event = "client.enabled" if active else "client.disabled"
        if client.is_active is not active:
            with transaction.atomic(using=router.db_for_write(Client)):
                client.is_active = active
                client.save(update_fields=["is_active"])
                audit.record(event, client_id=client.client_id, reason=BY_COMMAND)
        done = (
            _("%(client)s is enabled.") if active else _("%(client)s is disabled: its codes and tokens work no more.")
        )
        self.stdout.write(done % {"client": _printable(str(client))})

    def _print_credentials(self, client: Client, secret: str) -> None:
        self.stdout.write(f"client_id      {client.client_id}")
        if secret:
            self.stdout.write(f"client_secret  {secret}")
            self.stdout.write(_("The secret is shown this once; only a fingerprint of it is kept. Store it now."))

    def _print_json(self, document: Any) -> None:
        self.stdout.write(json.dumps(document, indent=2, ensure_ascii=False))


def find(client_id: str) -> Client:
    """The client with this ID. Raises CommandError, with the ID that was probably meant."""
    client = Client.objects.filter(client_id=client_id).first()
    if client is not None:
        return client
    close = get_close_matches(client_id, Client.objects.values_list("client_id", flat=True), 1)
    advice = _("Did you mean %(id)s?") % {"id": close[0]} if close else _("See manage.py codeflow_client list.")
    raise CommandError(_("There is no client %(id)r.") % {"id": client_id} + " " + advice)


def described(client: Client) -> dict[str, Any]:
    """What is public about a client, and which of its secrets work."""
    return {
        **registration_of(client),
        "secrets": [
            {"ends_in": secret.hint, "created": _iso(secret.created), "expires": _iso(secret.expires)}
            for secret in client.secrets.all()
            if secret.is_live()
        ],
    }


def problems_of(error: ValidationError) -> list[str]:
    """Each problem behind the option it belongs to."""
    return [
        f"{OPTIONS.get(field, field)}: {message}"
        for field, messages in error.message_dict.items()
        for message in messages
    ]


def duration(text: str) -> timedelta:
    """30m, 24h or 7d, up to a year. Raises ArgumentTypeError, which argparse shows."""
    match = re.fullmatch(r"([0-9]{1,6})([mhd])", text)
    length = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else None
    if length is None or length > timedelta(days=366):
        raise ArgumentTypeError(_("%(text)r is no length of time up to a year: write 30m, 24h or 7d.") % {"text": text})
    return length


def _add_options_of_add(parser: CommandParser) -> None:
    parser.add_argument("--name", required=True, help=_("what people see when they are asked"))
    parser.add_argument("--client-id", default="", help=_("its key (made up where left out)"))
    parser.add_argument("--redirect-uri", action="append", required=True, metavar="URI", help=_("may be repeated"))
    parser.add_argument("--post-logout-redirect-uri", action="append", default=[], metavar="URI")
    parser.add_argument("--allowed-origin", action="append", default=[], metavar="ORIGIN", help=_("for CORS"))
    parser.add_argument("--public", action="store_true", help=_("in a browser or on a device: it can keep no secret"))
    parser.add_argument("--pkce", choices=("required", "optional"), default="required")
    parser.add_argument(
        "--auth-method",
        choices=(
            ANY,
            TokenEndpointAuthMethod.CLIENT_SECRET_BASIC.value,
            TokenEndpointAuthMethod.CLIENT_SECRET_POST.value,
        ),
        default=ANY,
        help=_("how it sends its secret (any)"),
    )
    parser.add_argument(
        "--scope", default="", help=_("what it may ask for, space separated; no scope of an API if left out")
    )
    parser.add_argument(
        "--skip-consent", action="store_true", help=_("people are not asked; for the site's own clients")
    )
    _add_further_options(parser)
    _add_json(parser)


def _add_further_options(parser: CommandParser) -> None:
    """The rest of a client's settings, under the names of OIDC Registration 2 where it has one."""
    algorithms = provider_settings.signing_algorithms
    settings: dict[str, dict[str, Any]] = {
        "id_token_signed_response_alg": {"choices": algorithms, "help": _("signs its ID tokens")},
        "userinfo_signed_response_alg": {"choices": algorithms, "help": _("signs its userinfo; JSON if left out")},
        "subject_type": {"choices": SubjectType.values, "help": _("pairwise: no two sites see the same sub")},
        "sector_identifier": {"metavar": "HOST", "help": _("what pairwise subjects are made for")},
        "backchannel_logout_uri": {"metavar": "URI", "help": _("gets a logout token when a session ends")},
        "frontchannel_logout_uri": {"metavar": "URI", "help": _("is framed when a session ends")},
        "access_token_format": {"choices": AccessTokenFormat.values},
        "access_token_lifetime": {"type": int, "metavar": "SECONDS"},
        "refresh_token_policy": {"choices": RefreshTokenPolicy.values, "help": _("for requests without openid")},
        "may_introspect": {"action": "store_const", "const": True, "help": _("a resource server: sees others' tokens")},
    }
    for field, how in settings.items():
        parser.add_argument(OPTIONS[field], default=None, **how)


def _destination(field: str) -> str:
    return OPTIONS[field].removeprefix("--").replace("-", "_")


def _add_json(parser: CommandParser) -> None:
    parser.add_argument("--json", action="store_true", help=_("print JSON and nothing else"))


def _check_options(options: dict[str, Any]) -> None:
    """What only the command line can get wrong: Client.clean does not see it, or would say it less plainly."""
    problems = [
        _("--redirect-uri %(uri)r holds a space. Repeat the option for each address.") % {"uri": uri}
        for uri in (*options["redirect_uri"], *options["post_logout_redirect_uri"], *options["allowed_origin"])
        if uri.split() != [uri]
    ]
    if not options["name"].strip():
        problems.append(_("--name is empty. Give the name that people know the application by."))
    if options["public"] and options["pkce"] == "optional":
        problems.append(
            _("--pkce optional and --public: a public client always needs PKCE. Leave out --pkce optional.")
        )
    if options["public"] and options["auth_method"] != ANY:
        method = options["auth_method"]
        problems.append(
            _("--auth-method %(method)s and --public: a public client has no secret. Leave out one of them.")
            % {"method": method}
        )
    problems.extend(_client_id_problems(options["client_id"]))
    if problems:
        raise CommandError("\n".join(problems))


def _client_id_problems(client_id: str) -> list[str]:
    if client_id and Client.objects.filter(client_id=client_id).exists():
        message = _("--client-id %(id)s is taken. Choose another, or leave it out and one is made up.")
        return [message % {"id": client_id}]
    return []


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


def _printable(text: str) -> str:
    """Names come from people; a terminal obeys control characters."""
    return "".join(character if character.isprintable() else "?" for character in text)
