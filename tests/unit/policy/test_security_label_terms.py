"""Labels with a term: what they count as at a time. The web works the same out (web/webmail/test/security-labels.test.ts)."""

import pytest

from smartmail.domain.errors import Invalid
from smartmail.domain.security_labels import SecurityLabel, check
from smartmail.policy.security_labels import DAY_MS, as_of

GENERAL = SecurityLabel(id="general", name="일반", rank=0)
SECRET = SecurityLabel(id="confidential", name="대외비", rank=10, term=60, then="general")
TOP = SecurityLabel(id="top", name="극비", rank=20, term=30, then="confidential")
BRIEF = SecurityLabel(id="brief", name="엠바고", rank=5, term=1)
HOUSE = (GENERAL, BRIEF, SECRET, TOP)


@pytest.mark.parametrize(
    ("label", "days", "counts", "until"),
    [
        ("top", 0, "top", 30), ("top", 29.999, "top", 30), ("top", 30, "confidential", 90),
        ("top", 89.999, "confidential", 90), ("top", 90, "general", None), ("general", 4_000, "general", None),
        ("brief", 0.5, "brief", 1), ("brief", 1, None, None), ("gone", 0, None, None),
    ],
)  # fmt: skip
def test_a_label_falls_by_the_clock(label, days, counts, until):
    since = 1_700_000_000_000
    found = as_of(HOUSE, label, since, since + int(days * DAY_MS))
    assert (None if found.label is None else found.label.id) == counts
    assert found.until == (None if until is None else since + until * DAY_MS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"term": -1}, {"term": 36_501}, {"term": 3, "then": "top"}, {"term": 3, "then": "gone"}, {"then": "general"},
    ],
)  # fmt: skip
def test_a_term_ends_in_a_lower_label(wrong):
    with pytest.raises(Invalid):
        check((GENERAL, SecurityLabel(id="mine", name="내 것", rank=5, **wrong), TOP, SECRET))
    check(HOUSE)
