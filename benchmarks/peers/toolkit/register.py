from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application


def register(user: Any) -> None:
    application = Application.objects.create(
        name="Benchmark",
        client_id=settings.CLIENT_ID,
        client_secret=settings.SECRET,
        hash_client_secret=settings.HASH_SECRET,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris=settings.REDIRECT_URI,
        algorithm=Application.RS256_ALGORITHM,
    )
    AccessToken.objects.create(  # its memory of consent: a live token of this person and client
        user=user,
        application=application,
        token="consent",
        scope=settings.SCOPE,
        expires=timezone.now() + timedelta(days=1),
    )
