"""Refreshes and API calls: they break nothing until a call is made. Logout tokens: until one is sent."""

from codeflow.testing.issuing import LOGOUT_EVENT
from codeflow.testing.messages import Reply
from codeflow.testing.misbehaviours.definition import Change, Misbehaviour, down, reply
from codeflow.testing.ways import LEFT_OUT


def _refreshed(**values: object) -> Change:
    return lambda state: state.ways.refreshed_claims.update(values)


def _logout(**values: object) -> Change:
    return lambda state: state.ways.logout_claims.update(values)


def _challenge(error: str, status: int) -> Reply:
    return Reply.json({"error": error}, status, WWW_Authenticate=f'Bearer error="{error}"')


AFTER_SIGN_IN = (
    Misbehaviour(
        "refresh_invalid_grant",
        "F",
        "RFC 6749 5.2",
        reply("refresh", Reply.json({"error": "invalid_grant"}, 400)),
        needs="refresh",
    ),
    Misbehaviour("refresh_sub_wrong", "F", "Core 12.2", _refreshed(sub="somebody-else"), needs="refresh"),
    Misbehaviour("refresh_iss_wrong", "F", "Core 12.2", _refreshed(iss="https://evil.example"), needs="refresh"),
    Misbehaviour("refresh_aud_wrong", "F", "Core 12.2", _refreshed(aud="another-client"), needs="refresh"),
    Misbehaviour("refresh_down", "D", "RFC 9700 4.14", down("refresh"), needs="refresh"),
    Misbehaviour("api_invalid_token", "F", "RFC 6750 3.1", reply("api", _challenge("invalid_token", 401)), needs="api"),
    Misbehaviour(
        "api_insufficient_scope", "-", "RFC 6750 3.1", reply("api", _challenge("insufficient_scope", 403)), needs="api"
    ),
    Misbehaviour("api_down", "D", "RFC 6750 3", down("api"), needs="api"),
    Misbehaviour(
        "api_redirected", "C", "RFC 9700 4.9.1", reply("api", Reply.redirect("https://evil.example/")), needs="api"
    ),
    Misbehaviour("logout_iss_wrong", "C", "Back-Channel 2.6", _logout(iss="https://evil.example"), needs="logout"),
    Misbehaviour("logout_aud_wrong", "C", "Back-Channel 2.6", _logout(aud="another-client"), needs="logout"),
    Misbehaviour("logout_nonce", "C", "Back-Channel 2.4", _logout(nonce="n"), needs="logout"),
    Misbehaviour("logout_events_missing", "C", "Back-Channel 2.4", _logout(events=LEFT_OUT), needs="logout"),
    Misbehaviour("logout_event_wrong", "C", "Back-Channel 2.4", _logout(events={LOGOUT_EVENT: 1}), needs="logout"),
    Misbehaviour("logout_jti_missing", "C", "Back-Channel 2.4", _logout(jti=LEFT_OUT), needs="logout"),
    Misbehaviour("logout_iat_missing", "C", "Back-Channel 2.4", _logout(iat=LEFT_OUT), needs="logout"),
    Misbehaviour("logout_names_nobody", "C", "Back-Channel 2.4", _logout(sub=LEFT_OUT, sid=LEFT_OUT), needs="logout"),
)
