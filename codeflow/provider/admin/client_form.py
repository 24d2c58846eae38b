"""The form of a client: three questions, and the rest with defaults that fit.

RFC 7591 2. What is allowed is the model's to say (`Client.clean`); here lists are entered one value per line and scopes are ticked.
"""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from codeflow.provider.conf import provider_settings
from codeflow.provider.models import Client
from codeflow.provider.models.client import default_scope
from codeflow.provider.models.client_rules import NO_ID_TOKENS

if TYPE_CHECKING:
    ClientModelForm = forms.ModelForm[Client]
else:
    ClientModelForm = forms.ModelForm  # generic in the type stubs alone

QUESTIONS = ("client_type", "name", "redirect_uris")

SIGN_OUT = ("post_logout_redirect_uris", "backchannel_logout_uri", "frontchannel_logout_uri")
PEOPLE_SEE = ("logo_uri", "maker", "maker_verified", "contact", "client_uri", "policy_uri", "tos_uri")
TRUST = ("skip_authorization", "skip_authorization_reason", "may_introspect", "user", "notes")
TECHNICAL = (
    "client_id",
    "allowed_origins",
    "pkce_required",
    "token_endpoint_auth_method",
    "id_token_signed_response_alg",
    "userinfo_signed_response_alg",
    "access_token_format",
    "access_token_lifetime",
    "refresh_token_policy",
    "subject_type",
    "sector_identifier",
)
SCOPES = ("scope", "optional_scope")
MORE = (
    (_("More: what it may ask for"), SCOPES),
    (_("More: what people see of it"), PEOPLE_SEE),
    (_("More: signing out"), SIGN_OUT),
    (_("More: trust and notes"), TRUST),
    (_("More: tokens and protocol"), TECHNICAL),
)
_FIELDS = (*QUESTIONS, *(name for _words, names in MORE for name in names))

_ALGORITHMS = ("id_token_signed_response_alg", "userinfo_signed_response_alg")


class LinesField(forms.CharField):
    """Values one per line; the model keeps them apart by white space, so none may hold any."""

    widget = forms.Textarea(attrs={"rows": 3, "cols": 60, "spellcheck": "false", "autocapitalize": "off"})

    def prepare_value(self, value: Any) -> Any:
        """Also values that came in separated by spaces are shown one per line; what was typed is shown as typed."""
        return value if "\n" in (value or "") or "\r" in (value or "") else "\n".join((value or "").split())

    def clean(self, value: Any) -> str:
        lines = [line.strip() for line in str(super().clean(value)).splitlines() if line.strip()]
        broken = [line for line in lines if len(line.split()) > 1]
        if broken:
            message = _("%(line)s: it holds a space. Write one address per line.")
            raise ValidationError(
                [ValidationError(message, code="whitespace", params={"line": line}) for line in broken]
            )
        return "\n".join(lines)


class ScopesField(forms.MultipleChoiceField):
    """The server's scopes, ticked; the model keeps them separated by spaces."""

    widget = forms.CheckboxSelectMultiple

    def prepare_value(self, value: Any) -> Any:
        return value.split() if isinstance(value, str) else value

    def clean(self, value: Any) -> str:
        return " ".join(super().clean(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return set(self.prepare_value(initial) or ()) != set(data or ())


class ClientForm(ClientModelForm):
    client_type = forms.ChoiceField(
        label=_("What is it?"),
        choices=(
            (Client.CLIENT_CONFIDENTIAL, _("A web site with a server: keeps a secret, and sends a code and PKCE")),
            (Client.CLIENT_PUBLIC, _("An app in the browser or on a phone: has no secret, and sends a code and PKCE")),
        ),
        initial=Client.CLIENT_CONFIDENTIAL,
        widget=forms.RadioSelect,
        help_text=_(
            "It cannot be changed afterwards. Both use the authorization code flow. The implicit and the password grant do not "
            "exist here: one puts tokens into addresses, the other hands people's passwords to applications (RFC 9700 2.1.2, "
            "2.4). Nor do client credentials: no person takes part in them."
        ),
    )
    redirect_uris = LinesField(
        label=_("Where do people come back to?"),
        error_messages={"required": _("Name at least one address that people come back to.")},
        help_text=_(
            "Redirect URIs, one per line, in full: they are compared character by character. "
            "https, or http where the host is this machine (127.0.0.1)."
        ),
    )
    post_logout_redirect_uris = LinesField(
        label=_("Where may they go after signing out?"), required=False, help_text=_("One per line, in full.")
    )
    allowed_origins = LinesField(
        label=_("Allowed origins"),
        required=False,
        help_text=_("Of pages whose scripts call this server (CORS), one per line, such as https://app.example."),
    )
    scope = ScopesField(label=_("What may it ask for?"), required=False)
    optional_scope = ScopesField(
        label=_("What may people untick?"),
        required=False,
        help_text=_("They then allow the rest alone, and the client must manage without."),
    )

    class Meta:
        model = Client
        fields = _FIELDS
        widgets = {"notes": forms.Textarea(attrs={"rows": 3, "cols": 60})}
        labels = {"skip_authorization": _("Skip authorization")}
        help_texts = {
            "name": _("People see it when they are asked."),
            "client_id": _("Its key, which is no secret. One is made up; it stays the same for good."),
            "pkce_required": _("Leave it on, unless an old client with a secret cannot do PKCE."),
            "skip_authorization": _(
                "People are not asked. Only for this site's own applications, and only superusers decide it."
            ),
            "skip_authorization_reason": _("Needed where people are not asked; it is shown beside the status."),
            "user": _("Who looks after it here."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "name" in self.fields:
            self.fields["name"].required = True
        for name in SCOPES:
            if name in self.fields:
                self._offer_scopes(self.fields[name], getattr(self.instance, name))
        if "scope" in self.fields:
            self.fields["scope"].initial = default_scope().split()
        for name in _ALGORITHMS:
            if name in self.fields:
                self.fields[name] = self._algorithm_field(name, self.fields[name])

    def clean(self) -> dict[str, Any]:
        """Nobody is spared the question without a reason that others can read (RFC 6749 10.2)."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("skip_authorization") and not cleaned.get("skip_authorization_reason", "x").strip():
            message = _("Say why people are not asked: other staff read it, and so does whoever audits this.")
            self.add_error("skip_authorization_reason", ValidationError(message, code="skip_reason"))
        return cleaned

    def add_error(self, field: str | None, error: Any) -> None:
        """What is wrong with a field that this person may not change is said above the form."""
        if field is None and hasattr(error, "error_dict"):
            hidden = [error.error_dict.pop(name) for name in list(error.error_dict) if name not in self.fields]
            for errors in hidden:
                super().add_error(None, errors)
        super().add_error(field, error)

    def _offer_scopes(self, field: Any, chosen: str) -> None:
        """The server's scopes with their words, and those of the client that the server knows no more."""
        known = dict(provider_settings.scopes)
        gone = {scope: str(_("no longer offered")) for scope in chosen.split() if scope not in known}
        field.choices = [(scope, f"{scope}: {words}") for scope, words in (known | gone).items()]

    def _algorithm_field(self, name: str, field: forms.Field) -> forms.ChoiceField:
        algorithms = provider_settings.signing_algorithms
        usual = _("the usual one (%(name)s)") % {"name": algorithms[0]} if name == _ALGORITHMS[0] else _("plain JSON")
        none = (
            [(NO_ID_TOKENS, _("none: it gets no ID tokens and cannot ask for openid"))]
            if name == _ALGORITHMS[0]
            else []
        )
        return forms.ChoiceField(
            label=field.label,
            required=False,
            choices=[("", usual), *((algorithm, algorithm) for algorithm in algorithms), *none],
        )
