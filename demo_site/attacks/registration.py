"""A second client at the demo's server, for the attack that uses another client's own key and secret."""

from demo_site import environment

WEATHER = "weather"


def register_weather() -> None:
    """Once; its secret is handed to the client's process in a file, as the demo's own client's is."""
    from codeflow.provider.clients import register_client, rotate_secret
    from codeflow.provider.models import Client

    known = Client.objects.filter(client_id=WEATHER).first()
    if known and environment.read_secret(environment.WEATHER_SECRET):
        return
    if known:
        environment.write_secret(environment.WEATHER_SECRET, rotate_secret(known))
        return
    uri = f"{environment.addresses().client}/unsafe/client/weather/"
    _, secret = register_client(name="Weather", client_id=WEATHER, redirect_uris=[uri], scope="openid")
    environment.write_secret(environment.WEATHER_SECRET, secret)
