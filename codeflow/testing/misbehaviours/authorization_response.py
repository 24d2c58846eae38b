"""What the browser brings back to the callback."""

from codeflow.testing.misbehaviours.definition import Misbehaviour, callback
from codeflow.testing.ways import LEFT_OUT


def _error(name: str, **more: object) -> dict[str, object]:
    return {"code": LEFT_OUT, "error": name, **more}


AUTHORIZATION_RESPONSE = (
    Misbehaviour("state_missing", "B", "RFC 6749 10.12", callback(state=LEFT_OUT)),
    Misbehaviour("state_wrong", "B", "RFC 6749 10.12", callback(state="somebody-elses")),
    Misbehaviour("iss_wrong", "C", "RFC 9207 2.4", callback(iss="https://evil.example")),
    Misbehaviour("iss_missing", "C", "RFC 9207 2.4", callback(iss=LEFT_OUT)),
    Misbehaviour("access_denied", "A", "RFC 6749 4.1.2.1", callback(**_error("access_denied"))),
    Misbehaviour("server_error", "D", "RFC 6749 4.1.2.1", callback(**_error("server_error"))),
    Misbehaviour("temporarily_unavailable", "D", "RFC 6749 4.1.2.1", callback(**_error("temporarily_unavailable"))),
    Misbehaviour("login_required", "C", "Core 3.1.2.6", callback(**_error("login_required"))),
    Misbehaviour("error_unknown", "C", "RFC 6749 4.1.2.1", callback(**_error("teapot"))),
    Misbehaviour(
        "error_with_markup",
        "A",
        "RFC 6749 10.14",
        callback(**_error("access_denied", error_description="<script>alert(1)</script>")),
    ),
    Misbehaviour(
        "iss_wrong_in_error", "C", "RFC 9207 2.4", callback(**_error("access_denied", iss="https://evil.example"))
    ),
    Misbehaviour("code_and_error", "C", "RFC 6749 4.1.2", callback(error="access_denied")),
    Misbehaviour("code_missing", "C", "RFC 6749 4.1.2", callback(code=LEFT_OUT)),
    Misbehaviour("code_twice", "C", "RFC 6749 3.1", callback(code=["a", "b"])),
    Misbehaviour("code_too_long", "C", "RFC 6749 4.1.2", callback(code="a" * 4097)),
    Misbehaviour("id_token_in_front_channel", "C", "RFC 9700 2.1.2", callback(id_token="eyJ")),
    Misbehaviour("access_token_in_front_channel", "C", "RFC 9700 2.1.2", callback(access_token="abc")),
)
