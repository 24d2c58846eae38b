"""The server of Authlib's documentation: authorization code with PKCE and OpenID Connect, and refresh tokens."""

import time
from dataclasses import dataclass
from typing import Any

from authlib.integrations.django_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from django.contrib.auth import get_user_model
from joserfc.jwk import RSAKey

KEY = RSAKey.generate_key(2048, {"kid": "the-key", "use": "sig", "alg": "RS256"})

peer: dict[str, str] = {}
codes: dict[str, "Code"] = {}
tokens: dict[str, "Token"] = {}
"""Access and refresh tokens alike."""


@dataclass(frozen=True)
class Token:
    user: Any
    scope: str
    value: dict[str, Any]

    def get_scope(self) -> str:
        return self.scope

    def check_client(self, client: Any) -> bool:
        return bool(client.get_client_id() == peer["client_id"])


class ShopClient(ClientMixin):
    def get_client_id(self) -> str:
        return peer["client_id"]

    def get_default_redirect_uri(self) -> str:
        return peer["redirect_uri"]

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == peer["redirect_uri"]

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == peer["client_secret"]

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in ("authorization_code", "refresh_token")


@dataclass
class Code(AuthorizationCodeMixin):
    code: str
    user: Any
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    auth_time: int

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return self.auth_time

    def get_acr(self) -> str:
        return ""

    def get_amr(self) -> list[str]:
        return []


class CodeGrant(grants.AuthorizationCodeGrant):
    def save_authorization_code(self, code: str, request: Any) -> None:
        data = request.payload.data
        codes[code] = Code(
            code=code,
            user=request.user,
            redirect_uri=data["redirect_uri"],
            scope=request.scope,
            nonce=data.get("nonce", ""),
            code_challenge=data.get("code_challenge", ""),
            code_challenge_method=data.get("code_challenge_method", ""),
            auth_time=int(time.time()),
        )

    def query_authorization_code(self, code: str, client: Any) -> Code | None:
        return codes.get(code)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        codes.pop(authorization_code.code)

    def authenticate_user(self, authorization_code: Code) -> Any:
        return authorization_code.user


class RefreshGrant(grants.RefreshTokenGrant):
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Token | None:
        return tokens.pop(refresh_token, None)

    def authenticate_user(self, refresh_token: Token) -> Any:
        return refresh_token.user

    def revoke_old_credential(self, refresh_token: Token) -> None:
        tokens.pop(refresh_token.value["access_token"], None)


class OpenID(OpenIDCode):
    def exists_nonce(self, nonce: str, request: Any) -> bool:
        return any(code.nonce == nonce for code in codes.values())

    def resolve_client_private_key(self, client: Any) -> Any:
        return KEY

    def get_client_algorithm(self, client: Any) -> str:
        return "RS256"

    def get_client_claims(self, client: Any) -> dict[str, Any]:
        return {"iss": peer["issuer"]}

    def get_encode_header(self, client: Any) -> dict[str, Any]:
        return {"alg": "RS256", "kid": KEY.kid}

    def generate_user_info(self, user: Any, scope: str) -> UserInfo:
        return UserInfo(sub=str(user.pk), **claims_of(user))


class Server(AuthorizationServer):
    def query_client(self, client_id: str) -> ShopClient | None:
        return ShopClient() if client_id == peer["client_id"] else None

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        held = Token(request.user, token["scope"], token)
        tokens.update({token[name]: held for name in ("access_token", "refresh_token") if name in token})


def claims_of(user: Any) -> dict[str, Any]:
    return {"name": user.get_full_name(), "email": user.email, "email_verified": True}


def set_up(user: Any, **given: str) -> None:
    peer.update(given)


server = Server(get_user_model(), None)
server.register_grant(CodeGrant, [OpenID(), CodeChallenge(required=True)])
server.register_grant(RefreshGrant)
