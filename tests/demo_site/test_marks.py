"""Secrets in recorded messages: found where the protocol puts them, replaced by marks, and never kept elsewhere."""

import base64

from demo_site.trace import marks

CODE, STATE, TOKEN, SECRET = "poVUcodecodecode", "pQ7fstatestatestate", "9zyGtokentokentoken", "cfs_s/cr+t%value"


def kinds(found: object) -> dict[str, str]:
    return {one.kind: one.value for one in found}  # type: ignore[attr-defined]


def test_secrets_in_a_url_are_found() -> None:
    url = f"http://127.0.0.1:8001/auth/callback/demo/?code={CODE}&state={STATE}&iss=http://localhost:8000/o"
    assert kinds(marks.in_url(url)) == {"code": CODE, "state": STATE}


def test_secrets_in_a_url_inside_a_parameter_are_found() -> None:
    url = f"http://localhost:8000/o/login/?next=/o/authorize/%3Fstate%3D{STATE}%26client_id%3Dnotes"
    assert kinds(marks.in_url(url)) == {"state": STATE}


def test_token_in_a_fragment_is_found_there() -> None:
    (found,) = marks.in_url(f"http://127.0.0.1:8001/cb#access_token={TOKEN}")
    assert (found.kind, found.place) == ("access_token", "url_fragment")


def test_token_parameter_is_what_its_hint_says() -> None:
    form = "application/x-www-form-urlencoded"
    assert kinds(marks.in_body(f"token={TOKEN}&token_type_hint=refresh_token", form)) == {"refresh_token": TOKEN}
    assert kinds(marks.in_body(f"token={TOKEN}", form)) == {"access_token": TOKEN}


def test_basic_credentials_are_shown_by_client_id_alone() -> None:
    sent = base64.b64encode(b"notes:cfs_s%2Fcr%2Bt%25value").decode()
    headers = [("Authorization", f"Basic {sent}")]
    assert kinds(marks.in_headers(headers, {})) == {"client_secret": SECRET}
    ((_, shown),) = marks.mark_headers(headers, [])
    assert shown.startswith("Basic base64(notes:⟦client_secret:")
    assert sent not in shown


def test_unknown_authorization_is_not_recorded() -> None:
    assert marks.mark_headers([("Authorization", "Digest abc")], []) == [["Authorization", "Digest (not recorded)"]]


def test_bearer_token_is_marked() -> None:
    headers = [("Authorization", f"Bearer {TOKEN}")]
    found = list(marks.in_headers(headers, {}))
    ((_, shown),) = marks.mark_headers(headers, found)
    assert shown == f"Bearer {found[0].mark}"


def test_cookies_are_cut_and_known_ones_found() -> None:
    headers = [("Cookie", "codeflow_client_session=abcdefghij; other=1234567890")]
    found = marks.in_headers(headers, {"codeflow_client_session": "session_cookie"})
    assert kinds(found) == {"session_cookie": "abcdefghij"}
    assert marks.mark_headers(headers, []) == [["Cookie", "codeflow_client_session=abcd…; other=1234…"]]


def test_passwords_and_csrf_tokens_are_never_recorded() -> None:
    form = "application/x-www-form-urlencoded"
    kept = marks.mark_form("csrfmiddlewaretoken=abc&username=alice&password=hunter2", form)
    assert kept == "csrfmiddlewaretoken=(not recorded)&username=alice&password=(not recorded)"


def test_marks_stand_for_the_value_however_it_is_quoted() -> None:
    found = [marks.Found(kind="client_secret", value=SECRET, place="body")]
    assert marks.mark_text(f"client_secret=cfs_s%2Fcr%2Bt%25value&x={SECRET}", found).count(found[0].mark) == 2


def test_json_tokens_are_found_and_equal_copies_get_equal_marks() -> None:
    body = f'{{"access_token": "{TOKEN}", "token_type": "Bearer", "expires_in": 300}}'
    found = list(marks.in_body(body, "application/json"))
    assert kinds(found) == {"access_token": TOKEN}
    marked = marks.mark_text(body, found)
    assert TOKEN not in marked
    assert marks.unmark(marked, {(found[0].kind, found[0].digest[:16]): TOKEN}) == body


def test_preview_is_four_characters_and_none_of_a_client_secret() -> None:
    assert marks.preview("code", CODE) == "poVU…"
    assert marks.preview("client_secret", SECRET) == ""


def test_claims_are_read_without_verifying_and_nonsense_gives_nothing() -> None:
    token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"
    assert marks.claims_of(token) == ({"alg": "RS256"}, {"sub": "1"})
    assert marks.claims_of("a.b.c") == ({}, {})
    assert marks.claims_of("") == ({}, {})
