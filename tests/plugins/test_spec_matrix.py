from collections import Counter

from tests.plugins import spec_matrix


def test_rules_stand_in_the_order_of_their_sections():
    rules = [("RFC 7636", "4.10", "c"), ("RFC 7636", "A.2", "d"), ("RFC 6749", "5.2", "a"), ("RFC 7636", "4.6", "b")]
    lines = spec_matrix.matrix({rule: Counter(passed=1) for rule in rules})
    assert [line.split()[-1] for line in lines] == ["a", "b", "c", "d"]


def test_failures_stand_before_passes():
    (line,) = spec_matrix.matrix({("RFC 7636", "4.6", "verifier must match"): Counter(passed=2, failed=1)})
    assert line == "RFC 7636  4.6  1 failed, 2 passed  verifier must match"


def test_every_feature_without_support_says_where_and_why():
    rows = spec_matrix.not_supported()
    assert len(rows) >= 10
    assert all(feature and document and reason for feature, document, reason in rows)
