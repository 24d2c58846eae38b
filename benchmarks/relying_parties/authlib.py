from benchmarks.relying_parties.ground import *  # noqa: F403

AUTHLIB_OAUTH_CLIENTS = {
    "op": {
        "client_id": PEER["client_id"],  # noqa: F405
        "client_secret": PEER["client_secret"],  # noqa: F405
        "server_metadata_url": f"{PEER['issuer']}/.well-known/openid-configuration",  # noqa: F405
        "client_kwargs": {
            "scope": "openid profile email",
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_post",
            "timeout": 5,
        },
    }
}
ROOT_URLCONF = "benchmarks.relying_parties.authlib_urls"
