"""Change one letter: the token stays a token, and exactly the part that was named is another."""

import pytest

from demo_site.trace import marks

TOKEN = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiIxIiwiYXVkIjoibm90ZXMifQ.aGVsbG8td29ybGQ"


@pytest.mark.parametrize("index", [0, 1, 2])
def test_one_part_differs_and_all_can_still_be_read(index: int) -> None:
    changed = marks.with_another_letter(TOKEN, index)
    before, after = TOKEN.split("."), changed.split(".")
    assert [one == other for one, other in zip(before, after, strict=True)] == [place != index for place in range(3)]
    assert all(marks.claims_of(changed))
