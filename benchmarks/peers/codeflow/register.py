from typing import Any

from django.conf import settings

from codeflow.provider import clients
from codeflow.provider.models import ClientSecret, Consent
from codeflow.provider.models.tokens import token_hash


def register(user: Any) -> None:
    client, _made_up = clients.register_client(
        name="Benchmark", client_id=settings.CLIENT_ID, redirect_uris=[settings.REDIRECT_URI]
    )
    ClientSecret.objects.update(hash="sha256$" + token_hash(settings.SECRET))
    Consent.objects.create(user=user, client=client, scope=settings.SCOPE)
