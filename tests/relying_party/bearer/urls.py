"""One API, built four times: plain, async, with Django REST framework and with Django Ninja."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from ninja import NinjaAPI
from rest_framework.response import Response
from rest_framework.views import APIView

from codeflow.relying_party.bearer import drf, ninja
from codeflow.relying_party.bearer.required import bearer_required
from codeflow.relying_party.bearer.resource_metadata import resource_metadata

API = "https://shop.example/api"
SCHEME: Any = {"provider": "acme", "audience": API}


def told(request: Any) -> dict[str, Any]:
    token = request.access_token
    return {"sub": token.sub, "client_id": token.client_id, "user": str(request.user)}


@bearer_required("acme", audience=API, scope="orders")
def plain(request: HttpRequest) -> JsonResponse:
    return JsonResponse(told(request))


@bearer_required("acme", audience=API)
async def plain_async(request: HttpRequest) -> JsonResponse:
    return JsonResponse(told(request))


@bearer_required("acme", audience=API, introspect=True)
def asking(request: HttpRequest) -> JsonResponse:
    return JsonResponse(told(request))


@bearer_required("acme", audience="urn:shop:unpublished")
def unpublished(request: HttpRequest) -> JsonResponse:
    return JsonResponse({})


class Orders(APIView):
    authentication_classes = [drf.CodeflowBearer(**SCHEME)]
    permission_classes = [drf.TokenHasScope("orders")]

    def get(self, request: Any) -> Response:
        user = request.user
        found = {"sub": request.auth.sub, "user": str(user), "pk": user.pk, "perm": user.has_perm("a.b")}
        return Response(found | {"perms": user.has_perms(["a.b"])})

    post = get


class Strict(Orders):
    authentication_classes = [drf.CodeflowBearer(scope="orders", **SCHEME)]


api = NinjaAPI(auth=ninja.CodeflowBearer(scope="orders", **SCHEME), urls_namespace="with challenges")
ninja.add_challenges(api)


@api.get("/orders")
def orders(request: Any) -> dict[str, Any]:
    return {"sub": request.auth.sub, "user": str(request.user)}


bare_api = NinjaAPI(auth=ninja.CodeflowBearer(**SCHEME), urls_namespace="without")


@bare_api.get("/orders")
def bare_orders(request: Any) -> dict[str, Any]:
    return {}


def opened(urls: Any) -> Any:
    """Those frameworks' views are not exempt from LoginRequiredMiddleware by themselves."""
    for pattern in urls[0]:
        pattern.callback = login_not_required(pattern.callback)
    return urls


urlpatterns = [
    path("plain", plain),
    path("async", plain_async),
    path("asking", asking),
    path("unpublished", unpublished),
    path("drf", login_not_required(Orders.as_view())),
    path("drf-strict", login_not_required(Strict.as_view())),
    path("ninja/", opened(api.urls)),
    path("bare/", opened(bare_api.urls)),
    path(
        ".well-known/oauth-protected-resource/api",
        resource_metadata(
            API, provider="acme", scopes=["orders"], name="Orders", documentation="https://shop.example/d"
        ),
    ),
    path("auth/", include("codeflow.relying_party.urls")),
]
