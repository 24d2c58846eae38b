"""Makes the rows that a run of the suite needs: the person and the three clients. Safe to run again."""

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password

from codeflow.provider.models import Client, ClientSecret
from demo_site.conformance import person
from demo_site.conformance.configuration import Configuration, StaticClient


def prepare(configuration: Configuration) -> None:
    """Brings the rows up to date with `configuration`."""
    _make_person(configuration)
    for client in configuration.clients:
        _register(client, configuration)


def _make_person(configuration: Configuration) -> None:
    users = get_user_model()._default_manager
    user = users.filter(username=configuration.username).first() or get_user_model()(username=configuration.username)
    if not user.check_password(configuration.password):
        user.set_password(configuration.password)
    user.first_name, user.last_name, user.email = person.FIRST_NAME, person.LAST_NAME, person.EMAIL
    user.save()


def _register(client: StaticClient, configuration: Configuration) -> None:
    row = Client.objects.filter(client_id=client.client_id).first() or Client(client_id=client.client_id)
    row.name = f"Conformance suite ({client.role})"
    row.client_type = Client.CLIENT_CONFIDENTIAL
    row.token_endpoint_auth_method = client.token_endpoint_auth_method
    row.redirect_uris = "\n".join(configuration.redirect_uris)
    row.post_logout_redirect_uris = configuration.post_logout_redirect_uri
    row.backchannel_logout_uri = configuration.backchannel_logout_uri
    row.frontchannel_logout_uri = configuration.frontchannel_logout_uri
    row.pkce_required = False  # most of the suite's requests come without
    row.full_clean()
    row.save()
    ClientSecret.objects.update_or_create(
        client=row, defaults={"hash": make_password(client.client_secret), "hint": client.client_secret[-4:]}
    )
