"""As Authlib's documentation has it: the ID token's claims say who signed in."""

from authlib.integrations.django_client import OAuth, OAuthError
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path
from joserfc.errors import JoseError

from benchmarks.relying_parties.front_page import front_page

oauth = OAuth()
oauth.register("op")


def login(request: HttpRequest) -> HttpResponse:
    answer: HttpResponse = oauth.op.authorize_redirect(request, request.build_absolute_uri("/callback/"))
    return answer


def callback(request: HttpRequest) -> HttpResponse:
    try:
        token = oauth.op.authorize_access_token(request)
    except (OAuthError, JoseError):
        return HttpResponse("You have not been signed in.", status=400)
    request.session["authlib_claims"] = dict(token["userinfo"])
    request.session["authlib_token"] = {name: token[name] for name in ("access_token", "token_type", "expires_at")}
    return HttpResponseRedirect("/")


def call(request: HttpRequest) -> HttpResponse:
    return JsonResponse(oauth.op.get(f"{settings.API}v1/orders", token=request.session["authlib_token"]).json())


urlpatterns = [path("", front_page), path("login/", login), path("callback/", callback), path("call/", call)]
