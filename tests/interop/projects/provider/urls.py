"""codeflow's two includes, and a door for the tests: people and clients are registered while the provider runs."""

import json

from django.contrib.auth.models import User
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from codeflow.provider.clients import register_client


@csrf_exempt
def clients(request: HttpRequest) -> JsonResponse:
    """The fields of `register_client` as JSON; answers with the key and the secret."""
    client, secret = register_client(**json.loads(request.body))
    return JsonResponse({"client_id": client.client_id, "client_secret": secret})


@csrf_exempt
def people(request: HttpRequest) -> JsonResponse:
    person = User.objects.create_user(**json.loads(request.body))
    return JsonResponse({"sub": str(person.pk)})


urlpatterns = [
    path("o/", include("codeflow.provider.urls")),
    path("", include("codeflow.provider.well_known_urls")),
    path("tests/clients/", clients),
    path("tests/people/", people),
]
