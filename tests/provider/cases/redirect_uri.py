"""RU: redirect URIs."""

from urllib.parse import urlencode

import pytest
from django.core.exceptions import ValidationError

from codeflow.provider import clients
from codeflow.provider.models import AuthorizationCode, Client
from tests.provider.cases.table import case
from tests.provider.cases.world import World, assert_code, assert_consent, assert_page, assert_redirect, assert_sign_in
from tests.provider.exchange import Browser, Party, answer_in
from tests.provider.factories import PASSWORD, REDIRECT_URI, ClientFactory

UNREGISTERED = {
    "RU-01": [f"{REDIRECT_URI}/x", f"{REDIRECT_URI}/", f"{REDIRECT_URI}x"],
    "RU-03": [f"{REDIRECT_URI}?a=b", f"{REDIRECT_URI}?", f"{REDIRECT_URI}&a=b"],
    "RU-05": [f"{REDIRECT_URI}#f", f"{REDIRECT_URI}#"],
    "RU-06": ["http://rp.example/cb"],
    "RU-07": ["https://RP.example/cb", "HTTPS://rp.example/cb"],
    "RU-08": ["https://rp.example/CB"],
    "RU-10": ["https://evil@rp.example/cb", "https://rp.example@evil.example/cb", "https://:@rp.example/cb"],
    "RU-11": ["https://rp.example:443/cb"],
    "RU-12": ["https://rp.example:8443/cb", "https://rp.example:/cb"],
    "RU-15": ["https://rp.example/cb/../evil", "https://rp.example/./cb", "https://rp.example/%2e%2e/cb"],
    "RU-17": ["https://rp.example/%63b"],
    "RU-18": ["https://rp.example\\@evil.com/cb", "https://evil.com\\.rp.example/cb"],
    "RU-19": [f"{REDIRECT_URI}{bad}" for bad in ("\n", "\r\n", "\t", "\x00", "\r\nSet-Cookie: a=b")]
    + ["https://rp.exa\nmple/cb", "\n" + REDIRECT_URI],
    "RU-20": [
        "javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "javascript://rp.example/cb",
    ],
    "RU-21": ["/cb", "//evil.example/cb", "cb", "?x=1"],
    "RU-22": [f" {REDIRECT_URI}", f"{REDIRECT_URI} ", f"{REDIRECT_URI}\u00a0", f"{REDIRECT_URI}\u200b"],
    "RU-23": ["https://rр.example/cb", "https://rp。example/cb", "https://ｒｐ.example/cb"],
    "RU-24": [f"{REDIRECT_URI}?{'x' * 9000}"],
}


def _refused(values: list[str]):
    def refuses(world: World) -> None:
        for value in values:
            assert_page(world.ask(redirect_uri=value)[1])
            assert_page(world.ask(redirect_uri=value, prompt="none")[1])
            assert_page(Browser().authorize(world.party.request(redirect_uri=value)))

    refuses.__name__ = "not_registered"
    return refuses


for row_id, values in UNREGISTERED.items():
    case(row_id)(_refused(values))


@case("RU-26", "RU-27")
def redirect_uri_missing(world: World) -> None:
    assert_page(world.ask(redirect_uri=None)[1])
    assert_page(world.ask(redirect_uri="")[1])
    assert_page(world.ask(redirect_uri=None, scope="notes.read")[1])
    two = Party(ClientFactory(redirect_uris=f"{REDIRECT_URI} https://rp.example/other"))
    assert_page(world.ask(two, redirect_uri=None)[1])


@case("RU-29", "RU-30")
def loopback_ports_of_native_clients(world: World) -> None:
    for host in ("127.0.0.1", "[::1]"):
        native = Party(ClientFactory(public=True, redirect_uris=f"http://{host}/cb"), secret="")
        for uri in (f"http://{host}:51004/cb", f"http://{host}:1/cb", f"http://{host}/cb"):
            asked, answer = world.ask(native, redirect_uri=uri)
            assert_consent(answer)
            code = assert_code(world.browser.allow(), asked)
            assert native.redeem(code, redirect_uri=f"http://{host}:9/cb").status_code == 400
            AuthorizationCode.objects.all().delete()
        for uri in (
            f"http://{host}:51004/other",
            f"http://{host}:51004/cb?x",
            f"https://{host}:51004/cb",
            f"http://{host}:99999/cb",
            f"http://{host}:/cb",
            f"http://{host}:٣/cb",
            "http://localhost:51004/cb",
            "http://127.0.0.2:51004/cb",
            f"http://{host}:80@evil.example/cb",
        ):
            assert_page(world.ask(native, redirect_uri=uri)[1])
    web = Party(ClientFactory(redirect_uris="http://127.0.0.1/cb"))
    assert_page(world.ask(web, redirect_uri="http://127.0.0.1:51004/cb")[1])


@case("RU-32")
def query_of_the_registered_uri_is_kept(world: World) -> None:
    uri = "https://rp.example/cb?a=1&b=%20%2f"
    party = Party(ClientFactory(redirect_uris=uri), redirect_uri=uri)
    asked, answer = world.ask(party, prompt="bogus")
    assert_redirect(answer, asked, "invalid_request")
    asked, _ = world.ask(party)
    answer = world.browser.allow()
    assert answer.headers["Location"].startswith(f"{uri}&")
    assert party.redeem(assert_code(answer, asked)).status_code == 200


@case("RU-33")
def registered_uri_that_holds_an_answer_already(world: World) -> None:
    for name in ("code", "state", "error", "iss", "response"):
        uri = f"https://rp.example/cb?{name}=evil"
        with pytest.raises(ValidationError):
            clients.register_client(name="x", redirect_uris=[uri])
        assert_page(world.ask(Party(ClientFactory(redirect_uris=uri)), redirect_uri=uri)[1])


@case("RU-34", "RG-03")
def uris_that_cannot_be_registered(world: World) -> None:
    before = Client.objects.count()
    for uri in (
        "https://rp.example/cb#f",
        "https://user:pw@rp.example/cb",
        "https://*.rp.example/cb",
        "https://rp.example/a/../cb",
        "http://rp.example/cb",
        "javascript:alert(1)",
        "https://rp.example/" + "x" * 2000,
        "",
        "https://rp.example/\x00",
        "https://rp。example/cb",
    ):
        with pytest.raises(ValidationError):
            clients.register_client(name="x", redirect_uris=[uri])
    assert Client.objects.count() == before


@case("RU-35")
def prompt_none_is_no_open_redirect(world: World) -> None:
    assert_page(Browser().authorize(world.party.request(redirect_uri="https://evil.example/", prompt="none")))


@case("RU-36")
def custom_scheme(world: World) -> None:
    assert_page(world.ask(redirect_uri="myapp:/cb")[1])
    with pytest.raises(ValidationError):
        clients.register_client(name="x", redirect_uris=["com.example.app:/cb"])
    native, _ = clients.register_client(name="x", redirect_uris=["com.example.app:/cb"], public=True)
    asked, answer = world.ask(Party(native, secret=""), redirect_uri="com.example.app:/cb", scope="openid")
    assert_consent(answer)
    assert "form-action 'self' com.example.app:" in answer.headers["Content-Security-Policy"]
    answer = world.browser.allow()
    assert answer.headers["Location"].startswith("com.example.app:/cb?")
    assert answer_in(answer.headers["Location"])["state"] == asked["state"]


@case("CN-18")
def next_of_the_sign_in_page_is_local(world: World) -> None:
    for target in (
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "///evil.example",
        "https:evil.example",
        "/\t/evil.example",
        " //evil.example",
        "http://testserver/",  # a step down from https
    ):
        browser = Browser()
        browser.open("/o/login/?" + urlencode({"next": target}))
        assert_sign_in(browser.page)
        answer = browser.submit("codeflow-login", username=world.user.get_username(), password=PASSWORD, next=target)
        assert "evil" not in answer.headers.get("Location", "")
        assert "javascript" not in answer.headers.get("Location", "")
        assert browser.address.startswith("/o/login/")
