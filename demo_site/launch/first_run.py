"""What must exist before a site can serve: databases, people, and the client's registration. Safe to run at every start."""

import io
from contextlib import redirect_stdout

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connections

from demo_site import environment
from demo_site.attacks.registration import register_weather
from demo_site.launch.people import ADMIN, PEOPLE, Person
from demo_site.trace.router import APP, DATABASE

SCOPE = "openid profile email offline_access notes.read"


def prepare_provider() -> None:
    """The server: its tables, keys, people, notes, and the client "notes" with today's addresses."""
    _make_tables()
    _make_trace()
    _make_admin("admin@example.com")
    for person in PEOPLE:
        _make_person(person)
    _register_client(environment.addresses())
    register_weather()
    _make_signing_keys()
    connections.close_all()


def prepare_client() -> None:
    """The client: its tables and its own staff account."""
    _make_tables()
    _make_admin("staff@notes.example")
    connections.close_all()


def _make_tables() -> None:
    with redirect_stdout(io.StringIO()):
        call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
        call_command("createcachetable", verbosity=0)


def _make_trace() -> None:
    """The observer's tables; the server makes them, since it starts first."""
    call_command("migrate", APP, database=DATABASE, interactive=False, verbosity=0, skip_checks=True)


def _make_admin(email: str) -> None:
    """Each site has staff of its own; the addresses differ, since an address in use is not taken over by a sign-in."""
    users = get_user_model()._default_manager
    if not users.filter(username=ADMIN).exists():
        users.create_superuser(username=ADMIN, email=email, password=ADMIN, first_name="Ada", last_name="Admin")


def _make_person(person: Person) -> None:
    from demo_site.notes.models import Note

    users = get_user_model()._default_manager
    if users.filter(username=person.username).exists():
        return
    user = users.create_user(
        username=person.username,
        password=person.username,
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
    )
    Note.objects.bulk_create(Note(user=user, title=title, text=text) for title, text in person.notes)


def _register_client(addresses: environment.Addresses) -> None:
    """Registers "notes" once, hands its secret over in a file, and lets its addresses follow the ports of this start."""
    from codeflow.provider.clients import register_client, rotate_secret
    from codeflow.provider.models import Client

    client = Client.objects.filter(client_id="notes").first()
    if client is None:
        client, secret = register_client(
            name="Notes",
            client_id="notes",
            redirect_uris=[addresses.redirect_uri],
            post_logout_redirect_uris=[addresses.post_logout_redirect_uri],
            backchannel_logout_uri=addresses.backchannel_logout_uri,
            scope=SCOPE,
        )
        environment.write_secret(environment.CLIENT_SECRET, secret)
    elif not environment.read_secret(environment.CLIENT_SECRET):
        environment.write_secret(environment.CLIENT_SECRET, rotate_secret(client))
    Client.objects.filter(pk=client.pk).update(
        redirect_uris=addresses.redirect_uri,
        post_logout_redirect_uris=addresses.post_logout_redirect_uri,
        backchannel_logout_uri=addresses.backchannel_logout_uri,
    )


def _make_signing_keys() -> None:
    """Made now, so that the first sign-in does not wait for them."""
    from codeflow.provider.keys import published_jwks

    published_jwks()
