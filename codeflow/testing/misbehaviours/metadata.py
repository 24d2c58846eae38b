"""Discovery: the document that names the endpoints."""

from codeflow.testing.messages import Reply
from codeflow.testing.misbehaviours.definition import Misbehaviour, down, metadata, reply
from codeflow.testing.ways import LEFT_OUT

_MEGABYTE = 1024 * 1024

METADATA = (
    Misbehaviour("metadata_issuer_wrong", "C", "Discovery 4.3", metadata(issuer="https://evil.example")),
    Misbehaviour("metadata_issuer_missing", "C", "Discovery 3", metadata(issuer=LEFT_OUT)),
    Misbehaviour(
        "metadata_issuer_template", "C", "Core 3.1.3.7", metadata(issuer="https://login.example/{tenantid}/v2.0")
    ),
    Misbehaviour("metadata_not_found", "C", "Discovery 4.2", reply("metadata", Reply.json({}, 404))),
    Misbehaviour("metadata_html", "C", "Discovery 4.2", reply("metadata", Reply.html("<p>Hello</p>"))),
    Misbehaviour("metadata_no_object", "C", "Discovery 4.2", reply("metadata", Reply.json([]))),
    Misbehaviour("metadata_too_large", "C", "Discovery 4.2", reply("metadata", Reply(body=b" " * (_MEGABYTE + 1)))),
    Misbehaviour(
        "metadata_redirected", "C", "Discovery 4.2", reply("metadata", Reply.redirect("https://evil.example/"))
    ),
    Misbehaviour("metadata_down", "D", "Discovery 4.2", down("metadata")),
    Misbehaviour("metadata_server_error", "D", "Discovery 4.2", reply("metadata", Reply.json({}, 500))),
    Misbehaviour("token_endpoint_http", "C", "Core 16.17", metadata(token_endpoint="http://login.example/token")),
    Misbehaviour("token_endpoint_missing", "C", "Discovery 3", metadata(token_endpoint=LEFT_OUT)),
    Misbehaviour("jwks_uri_missing", "C", "Discovery 3", metadata(jwks_uri=LEFT_OUT)),
    Misbehaviour("code_unsupported", "C", "Discovery 3", metadata(response_types_supported=["id_token"])),
    Misbehaviour("auth_method_unknown", "C", "Discovery 3", metadata(token_endpoint_auth_methods_supported=["tls"])),
    Misbehaviour("pkce_plain_only", "C", "RFC 9700 2.1.1", metadata(code_challenge_methods_supported=["plain"])),
    Misbehaviour("pkce_unstated", "-", "RFC 9700 2.1.1", metadata(code_challenge_methods_supported=LEFT_OUT)),
    Misbehaviour(
        "algorithms_downgraded", "-", "RFC 8725 3.1", metadata(id_token_signing_alg_values_supported=["none", "HS256"])
    ),
)
