"""/lab/attacks/: what each page promises is what both sites answer; the unsafe twin lets every attack succeed."""

import re

import pytest

from tests.end_to_end.browser import Browser
from tests.end_to_end.running_demo import ROOT, RunningDemo

ATTACKS = [
    "state",
    "login-csrf",
    "replay",
    "no-verifier",
    "wrong-secret",
    "code-injection",
    "nonce",
    "signature",
    "claims",
    "redirect-uri",
    "mix-up",
    "scope",
    "refresh-reuse",
    "framing",
    "open-redirect",
]


@pytest.fixture
def lab(demo: RunningDemo, browser: Browser) -> Browser:
    browser.open(f"{demo.client}/lab/attacks/")
    return browser


def run(browser: Browser, demo: RunningDemo, slug: str, world: str, **fields: str) -> str:
    browser.open(f"{demo.client}/lab/attacks/{slug}/")
    answer = browser.submit("attack", button=("world", world), **fields)
    assert answer.status_code == 200
    return answer.text


def test_list_names_every_attack_and_the_implicit_flow(lab: Browser) -> None:
    linked = re.findall(r'href="/lab/attacks/([a-z-]+)/"', lab.page.text)
    assert linked == [*ATTACKS, "denied-consent"]
    assert 'href="/lab/compare/implicit/"' in lab.page.text


@pytest.mark.parametrize("slug", [*ATTACKS, "denied-consent"])
def test_attack_is_refused_by_whom_and_with_what_the_row_says(demo: RunningDemo, browser: Browser, slug: str) -> None:
    page = run(browser, demo, slug, "codeflow")
    assert 'data-as-promised="yes"' in page, re.findall(r"<tr><th scope=\"row\">.*", page)
    assert "it worked" not in page
    named = re.findall(r"<dt>(?:Code|Test)</dt><dd class=\"mono\">([^<]+)", page)
    assert len(named) == 2
    assert all((ROOT / path).is_file() for path in named)


@pytest.mark.parametrize("slug", ATTACKS)
def test_attack_succeeds_against_the_twin(demo: RunningDemo, browser: Browser, slug: str) -> None:
    page = run(browser, demo, slug, "twin")
    assert 'data-refused="no"' in page
    assert page.count("it worked") == page.count('<tr><th scope="row">')


def test_prediction_is_told_right_or_wrong_and_counted(demo: RunningDemo, browser: Browser) -> None:
    assert "You said: Browser." in run(browser, demo, "mix-up", "codeflow", prediction="browser")
    assert "You were right." in run(browser, demo, "mix-up", "codeflow", prediction="client")
    assert "predicted" in browser.open(f"{demo.client}/lab/attacks/").text


def test_every_shot_has_its_run(demo: RunningDemo, browser: Browser) -> None:
    page = run(browser, demo, "replay", "codeflow")
    link = re.search(r'href="(/lab/runs/[^"]+/)">trace', page)
    assert link
    told = browser.open(demo.client + link[1]).text
    assert 'An attack of the lab made this run: <a href="/lab/attacks/replay/">' in told
    assert "<code>invalid_grant</code>" in told


def test_each_run_of_an_attack_names_the_error_of_its_own_shot(demo: RunningDemo, browser: Browser) -> None:
    links = re.findall(r'href="(/lab/runs/[^"]+/)">trace', run(browser, demo, "signature", "codeflow"))
    told = [browser.open(demo.client + link).text.partition('id="made-by"')[2] for link in links]
    named = [re.search(r"<code>([^<]+)", one)[1] for one in told]  # type: ignore[index]  # a page without it fails here
    assert named == ["id_token.signature", "id_token.alg", "id_token.alg", "id_token.signature"]


def test_unknown_attack_and_unknown_world_are_404(demo: RunningDemo, browser: Browser) -> None:
    assert browser.open(f"{demo.client}/lab/attacks/nothing/").status_code == 404
    browser.open(f"{demo.client}/lab/attacks/state/")
    assert browser.submit("attack", button=("world", "elsewhere")).status_code == 404


def test_implicit_flow_hands_the_token_to_the_browser_and_codeflow_does_not_know_it(
    demo: RunningDemo, browser: Browser
) -> None:
    browser.open(f"{demo.client}/unsafe/client/implicit/login/")
    browser.submit("codeflow-login", username="alice", password="alice")
    browser.submit("unsafe-consent", button=("allow", "yes"))
    (redirect,) = [one for one in browser.responses if "#access_token=" in one.headers.get("Location", "")]
    assert redirect.headers["Location"].startswith(f"{demo.client}/unsafe/client/implicit/#")
    assert "access_token" not in browser.page.request.path_url
    refused = browser.open(
        f"{demo.issuer}/authorize/?response_type=token&client_id=notes&redirect_uri={demo.client}/auth/callback/demo/"
    )
    assert all("access_token" not in one.headers.get("Location", "") for one in refused.history)


def test_twin_is_red_on_every_page(demo: RunningDemo, browser: Browser) -> None:
    for url in (
        f"{demo.client}/unsafe/client/",
        f"{demo.client}/unsafe/client/implicit/",
        f"{demo.provider}/unsafe/frame/",
    ):
        assert 'class="unsafe"' in browser.open(url).text


def test_explain_says_what_would_be_refused_and_masks_secrets(demo: RunningDemo, browser: Browser) -> None:
    browser.open(f"{demo.client}/lab/explain/")
    pasted = (
        f"{demo.issuer}/authorize/?response_type=token&client_id=notes&redirect_uri={demo.client}/auth/callback/demo"
    )
    page = browser.submit("explain", pasted=pasted).text
    assert "only the slash at the end differs" in page
    assert "code_challenge is missing" in page
    page = browser.submit(
        "explain", pasted="grant_type=authorization_code&code=abcdefghijk&client_secret=cfs_12345"
    ).text
    assert "redirect_uri is missing" in page
    assert "cfs_12345" not in page
    assert "abcdefghijk" not in page


@pytest.mark.parametrize(
    "pasted", ["", "%%%", "http://[::1", "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.", "a=" + "b" * 30_000, "\x00"]
)
def test_explain_takes_anything(demo: RunningDemo, browser: Browser, pasted: str) -> None:
    browser.open(f"{demo.client}/lab/explain/")
    assert browser.submit("explain", pasted=pasted).status_code == 200


@pytest.mark.parametrize(("skew", "said"), [(30, "Signed in"), (-30, "Signed in"), (3600, "id_token.iat")])
def test_clock_forgives_a_minute(demo: RunningDemo, browser: Browser, skew: int, said: str) -> None:
    browser.open(f"{demo.client}/lab/clock/")
    assert said in browser.submit("clock", skew=str(skew)).text


def test_glossary_has_every_word_with_its_section(demo: RunningDemo, browser: Browser) -> None:
    page = browser.open(f"{demo.client}/lab/glossary/").text
    assert page.count("<dt>") == page.count('class="tag"') > 15
