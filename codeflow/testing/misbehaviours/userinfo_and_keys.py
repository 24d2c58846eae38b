"""Userinfo (OIDC Core 5.3) and the key set (10.1)."""

from codeflow.testing.keys import published_keys
from codeflow.testing.messages import Reply
from codeflow.testing.misbehaviours.definition import Change, Misbehaviour, down, reply
from codeflow.testing.state import State
from codeflow.testing.ways import LEFT_OUT


def _userinfo(**values: object) -> Change:
    return lambda state: state.ways.userinfo.update(values)


def _odd_keys(state: State) -> None:
    state.ways.jwks = {"keys": [{"kty": "quantum"}, {"kty": "RSA", "n": "!"}, "text", *published_keys()["keys"]]}


def _too_many_keys(state: State) -> None:
    state.ways.jwks = {"keys": published_keys()["keys"] * 101}


USERINFO = (
    Misbehaviour("userinfo_sub_wrong", "C", "Core 5.3.2", _userinfo(sub="somebody-else")),
    Misbehaviour("userinfo_sub_missing", "C", "Core 5.3.2", _userinfo(sub=LEFT_OUT)),
    Misbehaviour("userinfo_html", "C", "Core 5.3.2", reply("userinfo", Reply.html("<p>Hello</p>"))),
    Misbehaviour(
        "userinfo_unsigned",
        "C",
        "Core 5.3.2",
        reply("userinfo", Reply(headers={"Content-Type": "application/jwt"}, body=b"eyJhbGciOiJub25lIn0.e30.")),
    ),
    Misbehaviour("userinfo_down", "-", "Core 5.3.3", down("userinfo")),
    Misbehaviour("userinfo_server_error", "-", "Core 5.3.3", reply("userinfo", Reply.json({}, 500))),
    Misbehaviour("userinfo_refused", "-", "Core 5.3.3", reply("userinfo", Reply.json({}, 401))),
    Misbehaviour("email_unverified", "-", "Core 5.1", _userinfo(email_verified="true")),
)

KEYS = (
    Misbehaviour("keys_down", "D", "Core 10.1.1", down("jwks")),
    Misbehaviour("keys_server_error", "D", "Core 10.1.1", reply("jwks", Reply.json({}, 500))),
    Misbehaviour("keys_html", "D", "Core 10.1.1", reply("jwks", Reply.html("<p>Hello</p>"))),
    Misbehaviour("keys_empty", "D", "RFC 7517 5", reply("jwks", Reply.json({"keys": []}))),
    Misbehaviour("keys_too_many", "D", "RFC 7517 5", _too_many_keys),
    Misbehaviour("keys_odd", "-", "RFC 7517 5", _odd_keys),
)
