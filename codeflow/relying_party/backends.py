"""Whom a provider's subject is here. The key is (iss, sub); e-mail, names and roles never decide it (OIDC Core 5.7)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from codeflow.relying_party import signals
from codeflow.relying_party.conf import conf
from codeflow.relying_party.errors import NotAllowed
from codeflow.relying_party.flow.configuration import Provider
from codeflow.relying_party.flow.profile import LONGEST_NAME, Profile, kept_claims, read_profile
from codeflow.relying_party.flow.step7_id_token import Subject
from codeflow.relying_party.models import Identity, subject_key
from codeflow.relying_party.roles import apply_roles

LocalUser = Any
"""An instance of whatever model AUTH_USER_MODEL names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A checked subject with all claims about it; what the backend judges. The view finds the identity in `found`."""

    provider: Provider
    subject: Subject
    claims: Mapping[str, Any] = field(repr=False)
    link_to: str = ""
    """The key of the local user who asked for the link and proved who it is; "" is a sign-in."""
    found: list[Identity] = field(default_factory=list, repr=False)


@dataclass(frozen=True, slots=True)
class Deny:
    """What the hook `on_identity` returns to keep somebody out; the reason goes to the log."""

    reason: str


class OpenIDConnectBackend(ModelBackend):
    """Signs in the user of an identity, and makes one for a new identity. Permissions are Django's own."""

    def authenticate(  # type: ignore[override]  # a backend names the credentials that it takes
        self, request: HttpRequest | None, sign_in: SignIn | None = None, **kwargs: Any
    ) -> LocalUser | None:
        """The user. Raises NotAllowed (outcome E) where this site does not let the subject in."""
        if sign_in is None:
            return None
        identity = self._known(sign_in, request) or self._new_or_just_made(sign_in, request)
        sign_in.found.append(identity)
        return identity.user

    def _known(self, sign_in: SignIn, request: HttpRequest | None) -> Identity | None:
        key = subject_key(sign_in.subject.iss, sign_in.subject.sub)
        identity = Identity.objects.select_related("user").filter(subject_key=key).first()
        if identity is None:
            return None
        if not self.user_can_authenticate(identity.user):
            raise NotAllowed("account.inactive", "the local user is not active")
        if sign_in.link_to not in ("", str(identity.user_id)):
            raise NotAllowed("account.linked_elsewhere", "the subject is linked to another local user")
        _call_hook(sign_in, "on_identity", known=True)
        before, identity.claims = identity.claims, kept_claims(sign_in.claims)
        identity.last_login = timezone.now()
        identity.provider_key = sign_in.provider.name
        identity.save(update_fields=["claims", "last_login", "provider_key"])
        roles = _update(identity.user, sign_in, is_new=False)
        _announce_changes(request, identity, before, roles)
        return identity

    def _new_or_just_made(self, sign_in: SignIn, request: HttpRequest | None) -> Identity:
        """A new identity, unless the same subject's other sign-in made it a moment ago."""
        try:
            with transaction.atomic():
                return self._new(sign_in, request)
        except IntegrityError as error:
            identity = self._known(sign_in, request)
            if identity is None:
                raise NotAllowed("account.conflict", "the account could not be made") from error
            return identity

    def _new(self, sign_in: SignIn, request: HttpRequest | None) -> Identity:
        hooked = _call_hook(sign_in, "on_identity", known=bool(sign_in.link_to))
        linked = _asking_user(sign_in) or hooked
        user = linked or self._new_user(sign_in)
        if not self.user_can_authenticate(user):
            raise NotAllowed("account.inactive", "the local user is not active")
        subject = sign_in.subject
        identity = Identity.objects.create(
            subject_key=subject_key(subject.iss, subject.sub),
            provider_key=sign_in.provider.name,
            issuer=subject.iss,
            sub=subject.sub,
            user=user,
            claims=kept_claims(sign_in.claims),
            last_login=timezone.now(),
        )
        if linked:
            _update(user, sign_in, is_new=False)
        name = "account_linked" if linked else "account_created"
        signals.announce(name, request=request, provider=sign_in.provider.name, step=7, user_pk=user.pk)
        return identity

    def _new_user(self, sign_in: SignIn) -> LocalUser:
        profile = read_profile(sign_in.claims, sign_in.provider)
        _refuse_missing_email(profile, sign_in)
        _refuse_known_email(profile)
        user = get_user_model()(**new_user_fields(profile, _username(sign_in, profile)))
        user.set_unusable_password()
        try:
            with transaction.atomic():
                user.save()
        except IntegrityError as error:
            raise NotAllowed("account.taken", "a local account has this name or address") from error
        _update(user, sign_in, is_new=True)
        return user


def _asking_user(sign_in: SignIn) -> LocalUser | None:
    return get_user_model()._default_manager.get(pk=sign_in.link_to) if sign_in.link_to else None


def _announce_changes(request: HttpRequest | None, identity: Identity, before: Any, roles: list[str]) -> None:
    """The names of the claims that changed, never their values."""
    after = identity.claims
    changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    if changed or roles:
        signals.announce(
            "claims_updated",
            request=request,
            provider=identity.provider_key,
            step=7,
            user_pk=identity.user_id,
            changed=changed[:50],
            roles=roles,
        )


def email_is_known(profile: Profile) -> bool:
    """Whether a local account has the address."""
    model = get_user_model()
    name = model.get_email_field_name()
    if not profile.email or not _has_field(name):
        return False
    return model._default_manager.filter(**{f"{name}__iexact": profile.email}).exists()


def _refuse_missing_email(profile: Profile, sign_in: SignIn) -> None:
    """OIDC Core 5.4: the scope asks, the person and the provider decide."""
    if profile.email_verified or not conf.requires_email(sign_in.provider.name):
        return
    if "email" not in sign_in.provider.scope.split():
        detail = "the scope email is not asked for"
    elif profile.email:
        detail = "the provider does not say that the e-mail address is verified"
    else:
        detail = "the provider sent no e-mail: the scope email was not granted, or it does not send one"
    raise NotAllowed("account.email_missing", detail)


def _refuse_known_email(profile: Profile) -> None:
    """An address that a local account has proves nothing: that account is not taken over, and no twin is made."""
    if email_is_known(profile):
        raise NotAllowed("account.email_known", "a local account has this e-mail address; linking is off")


def _username(sign_in: SignIn, profile: Profile) -> str:
    """The hook's name, or a random one: nobody can have taken it before, and it takes nobody's."""
    hook = conf.hook(sign_in.provider.name, "username")
    if hook:
        return str(hook(dict(sign_in.claims)))
    model = get_user_model()
    if model.get_email_field_name() == model.USERNAME_FIELD:
        return profile.email if profile.email_verified else f"{secrets.token_hex(8)}@{sign_in.provider.name}.invalid"
    return f"{sign_in.provider.name[:32]}_{secrets.token_hex(8)}"


def new_user_fields(profile: Profile, username: str = "") -> dict[str, str]:
    """What a new user row gets. An unverified address is not stored: other parts of a site trust what stands there."""
    model = get_user_model()
    fields = {model.USERNAME_FIELD: username}
    given, family = profile.given_name, profile.family_name
    optional = {
        "first_name": given or ("" if family else profile.name),
        "last_name": family,
        model.get_email_field_name(): profile.email if profile.email_verified else "",
    }
    for name, value in optional.items():
        if value and name not in fields and _has_field(name):
            fields[name] = value[: getattr(model._meta.get_field(name), "max_length", None) or LONGEST_NAME]
    return fields


def _has_field(name: str) -> bool:
    return any(item.name == name for item in get_user_model()._meta.get_fields())


def _call_hook(sign_in: SignIn, name: str, *, known: bool) -> LocalUser | None:
    """`on_identity(claims, provider)` → a user for a new identity, None, or Deny."""
    hook = conf.hook(sign_in.provider.name, name)
    answer = hook(dict(sign_in.claims), sign_in.provider.name) if hook else None
    if isinstance(answer, Deny):
        raise NotAllowed("account.denied", answer.reason)
    return None if known else answer


def _update(user: LocalUser, sign_in: SignIn, *, is_new: bool) -> list[str]:
    """Roles by the rules of the settings first, then the site's own hook; which roles changed."""
    roles = apply_roles(user, sign_in.provider.name, sign_in.claims)
    hook = conf.hook(sign_in.provider.name, "update_user")
    if hook:
        hook(user, dict(sign_in.claims), is_new)
    return roles
