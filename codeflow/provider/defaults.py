"""The settings a provider needs: write `from codeflow.provider.defaults import *` in settings.py and override below.

    OAUTH2_PROVIDER = {**OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": "https://id.example/o", "SCOPES": {...}}

Nothing is imported here, so that the module can be read before Django is set up.
"""

OAUTH2_PROVIDER_APPLICATION_MODEL = "codeflow_provider.Client"
OAUTH2_PROVIDER_GRANT_MODEL = "codeflow_provider.AuthorizationCode"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "codeflow_provider.AccessToken"
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "codeflow_provider.RefreshToken"
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "codeflow_provider.IDToken"

OAUTH2_PROVIDER: dict = {  # type: ignore[type-arg]  # values of many types, as sites write them
    # Scope → what the consent page says of it. Add your API's scopes here.
    "SCOPES": {
        "openid": "Know who you are",
        "profile": "See your name and profile",
        "email": "See your e-mail address",
        "address": "See your postal address",
        "phone": "See your phone number",
        "offline_access": "Keep access while you are away",
    },
    # A request without scope is refused; missing scope never means every scope (RFC 6749 3.3).
    "DEFAULT_SCOPES": [],
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "ID_TOKEN_EXPIRE_SECONDS": 600,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 30 * 24 * 3600,
    "ROTATE_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 0,
    "PKCE_REQUIRED": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "ALLOW_URI_WILDCARDS": False,
    "REQUEST_APPROVAL_PROMPT": "auto",
    "OIDC_ENABLED": True,
    "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
    "OIDC_RESPONSE_TYPES_SUPPORTED": ["code"],
    "OAUTH2_RESPONSE_TYPES_SUPPORTED": ["code"],
    "OAUTH2_GRANT_TYPES_SUPPORTED": ["authorization_code", "refresh_token"],
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING": True,
    "COMPLIANT_BCP_RFC9700_PKCE_REQUIRED": True,
    "OAUTH2_VALIDATOR_CLASS": "codeflow.provider.validator.Validator",
    "OAUTH2_SERVER_CLASS": "codeflow.provider.server.AuthorizationServer",
    "APPLICATION_ADMIN_CLASS": "codeflow.provider.admin.ClientAdmin",
    "GRANT_ADMIN_CLASS": "codeflow.provider.admin.AuthorizationCodeAdmin",
    "ACCESS_TOKEN_ADMIN_CLASS": "codeflow.provider.admin.AccessTokenAdmin",
    "REFRESH_TOKEN_ADMIN_CLASS": "codeflow.provider.admin.RefreshTokenAdmin",
    "ID_TOKEN_ADMIN_CLASS": "codeflow.provider.admin.IDTokenAdmin",
}

CODEFLOW_PROVIDER: dict[str, object] = {}

LOGIN_URL = "codeflow_provider:login"
