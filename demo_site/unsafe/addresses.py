"""The twin's server as a provider in the settings of the demo's own client: careful client, lying server."""

from demo_site.environment import Addresses


def lying_provider(addresses: Addresses) -> dict[str, str]:
    return {
        "issuer": f"{addresses.provider}/unsafe/o",
        "client_id": "notes",
        "client_secret": "the server never looks at it",
        "scope": "openid profile",
        "label": "Unsafe Twin",
    }
