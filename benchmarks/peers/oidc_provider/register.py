from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from oidc_provider.models import Client, ResponseType, RSAKey, UserConsent


def register(user: Any) -> None:
    RSAKey.objects.create(key=settings.PRIVATE_KEY)
    client = Client.objects.create(
        name="Benchmark",
        client_id=settings.CLIENT_ID,
        client_secret=settings.SECRET,
        client_type="confidential",
        jwt_alg="RS256",
        require_consent=True,
        reuse_consent=True,
        _redirect_uris=settings.REDIRECT_URI,
        _scope=f"{settings.SCOPE} token_introspection {settings.CLIENT_ID}",
    )
    client.response_types.add(ResponseType.objects.get(value="code"))
    now = timezone.now()
    UserConsent.objects.create(
        user=user, client=client, _scope=settings.SCOPE, date_given=now, expires_at=now + timedelta(days=1)
    )


def userinfo(claims: dict[str, Any], user: Any) -> dict[str, Any]:
    """What its documentation tells a site to write: the same claims as the other peers give."""
    claims["name"] = user.get_full_name()
    claims["given_name"], claims["family_name"] = user.first_name, user.last_name
    claims["preferred_username"], claims["email"] = user.username, user.email
    return claims
