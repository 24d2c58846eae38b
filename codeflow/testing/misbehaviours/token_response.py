"""What the token endpoint answers."""

from codeflow.testing.messages import Reply
from codeflow.testing.misbehaviours.definition import Misbehaviour, down, members, reply
from codeflow.testing.ways import LEFT_OUT

_MEGABYTE = 1024 * 1024

TOKEN_RESPONSE = (
    Misbehaviour("token_down", "D", "Core 16.17", down("token")),
    Misbehaviour("token_slow", "D", "Core 16.17", down("token", "timed out")),
    Misbehaviour("token_too_large", "C", "RFC 6749 5.1", reply("token", Reply(body=b" " * (_MEGABYTE + 1)))),
    Misbehaviour(
        "token_redirected", "C", "RFC 9700 4.12", reply("token", Reply.redirect("https://evil.example/", 307))
    ),
    Misbehaviour(
        "token_invalid_grant", "B", "RFC 6749 5.2", reply("token", Reply.json({"error": "invalid_grant"}, 400))
    ),
    Misbehaviour(
        "token_invalid_client", "C", "RFC 6749 5.2", reply("token", Reply.json({"error": "invalid_client"}, 401))
    ),
    Misbehaviour("token_server_error", "D", "RFC 6749 5.1", reply("token", Reply.json({}, 500))),
    Misbehaviour("token_html", "C", "RFC 6749 5.1", reply("token", Reply.html("<p>Hello</p>"))),
    Misbehaviour("token_null", "C", "RFC 6749 5.1", reply("token", Reply.json(None))),
    Misbehaviour(
        "token_duplicate_members",
        "C",
        "RFC 8259 4",
        reply("token", Reply(body=b'{"access_token":"a","access_token":"b"}')),
    ),
    Misbehaviour("access_token_missing", "C", "RFC 6749 5.1", members(access_token=LEFT_OUT)),
    Misbehaviour("access_token_empty", "C", "RFC 6749 5.1", members(access_token="")),
    Misbehaviour("token_type_missing", "C", "RFC 6749 5.1", members(token_type=LEFT_OUT)),
    Misbehaviour("token_type_mac", "C", "RFC 6749 7.1", members(token_type="mac")),
    Misbehaviour("token_type_lower_case", "-", "RFC 6749 5.1", members(token_type="bearer")),
    Misbehaviour("id_token_missing", "C", "Core 3.1.3.3", members(id_token=LEFT_OUT)),
    Misbehaviour("expires_in_absurd", "-", "RFC 6749 5.1", members(expires_in=10**12)),
    Misbehaviour("expires_in_missing", "-", "RFC 6749 5.1", members(expires_in=LEFT_OUT)),
    Misbehaviour("refresh_token_missing", "-", "RFC 6749 5.1", members(refresh_token=LEFT_OUT)),
    Misbehaviour("scope_list", "C", "RFC 6749 5.1", members(scope=["openid"])),
    Misbehaviour("scope_narrower", "E", "RFC 6749 3.3", members(scope="openid"), needs="required_scope"),
)
