from benchmarks.relying_parties.ground import *  # noqa: F403

INSTALLED_APPS += ["codeflow", "codeflow.relying_party"]  # noqa: F405
MIDDLEWARE += ["codeflow.relying_party.middleware.RelyingPartyMiddleware"]  # noqa: F405
AUTHENTICATION_BACKENDS = ["codeflow.relying_party.backends.OpenIDConnectBackend"]
CODEFLOW_RELYING_PARTY = {
    "PROVIDERS": {
        "op": {
            "issuer": PEER["issuer"],  # noqa: F405
            "client_id": PEER["client_id"],  # noqa: F405
            "client_secret": PEER["client_secret"],  # noqa: F405
            **({"apis": {"orders": API}} if API else {}),  # noqa: F405
        }
    }
}
ROOT_URLCONF = "benchmarks.relying_parties.codeflow_urls"
