"""The good way through: sign-in, userinfo, API call, refresh, sign-out, over real HTTP."""

from django.contrib.auth import get_user_model


def test_sign_in_makes_an_account_and_returns_to_next(browser):
    response = browser.sign_in("/account/?tab=1")
    assert (response.status_code, response.headers["Location"]) == (303, "/account/?tab=1")
    account = browser.client.get("/account/").json()
    assert account["sub"] == browser.op.sub
    assert account["issuer"] == browser.op.issuer
    assert account["claims"]["name"] == "Alice Example"
    user = get_user_model().objects.get()
    assert (user.first_name, user.email, user.has_usable_password()) == ("Alice", "", False)


def test_events(browser, events):
    browser.sign_in()
    names = [event.name for event in events]
    assert names == [
        "login_started",
        "response_checked",
        "token_requested",
        "tokens_received",
        "id_token_checked",
        "userinfo_received",
        "account_created",
        "login_succeeded",
    ]


def test_api(browser):
    browser.sign_in()
    assert browser.client.get("/orders/").json()["path"] == "/api/v1/orders"
