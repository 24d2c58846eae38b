"""Rows for the tests of the provider."""

import secrets
from datetime import timedelta
from typing import Any

import factory
from django.contrib.auth import get_user_model
from django.utils import timezone
from factory.django import DjangoModelFactory, Password

from codeflow.core.pkce import code_challenge
from codeflow.provider.models import (
    AccessToken,
    AuthorizationCode,
    Client,
    ClientSecret,
    Consent,
    ProviderSession,
    RefreshToken,
    SigningKey,
)
from codeflow.provider.models.tokens import token_digest, token_hash

PASSWORD = "correct horse battery staple"
SECRET = "cfs_tests-only-of-the-first-client-0123456789"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
"""The code verifier of RFC 7636 appendix B."""
CHALLENGE = code_challenge(VERIFIER)
REDIRECT_URI = "https://rp.example/cb"
SCOPE = "openid profile email offline_access notes.read"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = get_user_model()

    username = factory.Sequence(lambda number: f"person{number}")
    first_name = "Ada"
    last_name = "Byron"
    email = factory.LazyAttribute(lambda user: f"{user.username}@people.example")
    password = Password(PASSWORD)


class ClientFactory(DjangoModelFactory):
    """A confidential client whose secret is SECRET; `secret=""` gives it none. `public=True` makes it a public one."""

    class Meta:
        model = Client
        skip_postgeneration_save = True

    class Params:
        public = factory.Trait(client_type=Client.CLIENT_PUBLIC)

    client_id = factory.LazyFunction(lambda: f"client-{secrets.token_hex(6)}")
    name = "Notes"
    client_type = Client.CLIENT_CONFIDENTIAL
    redirect_uris = REDIRECT_URI
    post_logout_redirect_uris = "https://rp.example/signed-out"
    scope = SCOPE

    @factory.post_generation
    def secret(self: Any, create: bool, extracted: str | None, **kwargs: Any) -> None:
        value = SECRET if extracted is None and not self.is_public else extracted
        if create and value:
            ClientSecretFactory(client=self, value=value)


class ClientSecretFactory(DjangoModelFactory):
    class Meta:
        model = ClientSecret

    class Params:
        value = SECRET

    client = factory.SubFactory(ClientFactory)
    hash = factory.LazyAttribute(lambda secret: "sha256$" + token_hash(secret.value))
    hint = factory.LazyAttribute(lambda secret: secret.value[-4:])


class ProviderSessionFactory(DjangoModelFactory):
    class Meta:
        model = ProviderSession

    user = factory.SubFactory(UserFactory)
    auth_time = factory.LazyFunction(timezone.now)
    amr = "pwd"


class CodeFactory(DjangoModelFactory):
    """A code that can be redeemed with VERIFIER and REDIRECT_URI; `value` is what the client holds."""

    class Meta:
        model = AuthorizationCode

    class Params:
        value = factory.LazyFunction(lambda: secrets.token_urlsafe(32))

    code_hash = factory.LazyAttribute(lambda code: token_hash(code.value))
    application = factory.SubFactory(ClientFactory)
    user = factory.SubFactory(UserFactory)
    session = factory.LazyAttribute(lambda code: ProviderSessionFactory(user=code.user))
    auth_time = factory.LazyAttribute(lambda code: code.session.auth_time if code.session else None)
    expires = factory.LazyFunction(lambda: timezone.now() + timedelta(seconds=60))
    redirect_uri = REDIRECT_URI
    scope = SCOPE
    code_challenge = CHALLENGE
    nonce = "n-0S6_WzA2Mj"
    resource = factory.LazyFunction(list)


class TokenFactory(DjangoModelFactory):
    """`value` is what the client holds."""

    class Meta:
        abstract = True

    class Params:
        value = factory.LazyFunction(lambda: secrets.token_urlsafe(32))

    token_checksum = factory.LazyAttribute(lambda token: token_digest(token.value))
    token_family = factory.Sequence(lambda number: 1_000_000 + number)
    application = factory.SubFactory(ClientFactory)
    user = factory.SubFactory(UserFactory)
    scope = SCOPE
    resource = factory.LazyFunction(list)
    expires = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=1))


class AccessTokenFactory(TokenFactory):
    class Meta:
        model = AccessToken


class RefreshTokenFactory(TokenFactory):
    class Meta:
        model = RefreshToken

    auth_time = factory.LazyFunction(timezone.now)
    family_expires = factory.LazyFunction(lambda: timezone.now() + timedelta(days=180))


class ConsentFactory(DjangoModelFactory):
    class Meta:
        model = Consent

    user = factory.SubFactory(UserFactory)
    client = factory.SubFactory(ClientFactory)
    scope = SCOPE


class SigningKeyFactory(DjangoModelFactory):
    """A row that signs nothing: its private part is no key."""

    class Meta:
        model = SigningKey

    kid = factory.LazyFunction(lambda: secrets.token_urlsafe(32))
    alg = "RS256"
    generation = factory.Sequence(lambda number: number + 1)
    private_key = "sealed"
    public_jwk = factory.LazyFunction(dict)
    active_from = factory.LazyFunction(timezone.now)
