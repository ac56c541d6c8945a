"""The verdict: sums that anybody can do again, thresholds, and what stays whatever the score."""

import math
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.domain.errors import Unavailable
from smartmail.domain.inspection import Reason
from smartmail.policy import knobs
from smartmail.service.kernel.inspection.specimen import Findings
from smartmail.service.protection.filtering.content import weight_of, words_of
from smartmail.service.protection.filtering.lessons import wish_of
from smartmail.service.protection.filtering.verdict import Thresholds, VerdictInspector, judge, percent_of, score_of


def judged(*weights: float, nature: str = "clean", thresholds: Thresholds = Thresholds()) -> Findings:  # noqa: B008
    findings = Findings(reasons=[Reason(f"rule-{number}", one) for number, one in enumerate(weights)], nature=nature)
    judge(findings, thresholds)
    return findings


@pytest.mark.parametrize(
    ("weights", "act", "nature"),
    [
        ((), "deliver", "clean"),
        ((2.9,), "deliver", "clean"),
        ((3,), "deliver", "suspect"),
        ((3, 2.99), "deliver", "suspect"),
        ((3, 3), "junk", "spam"),
        ((10, -4), "junk", "spam"),
        ((11.99,), "junk", "spam"),
        ((8, 4), "quarantine", "spam"),
        ((8, 7), "reject", "spam"),
        ((8, 7, -100), "deliver", "clean"),
        ((100,), "reject", "spam"),
    ],
)
def test_acts_by_score(weights, act, nature):
    findings = judged(*weights)
    assert (findings.act, findings.nature) == (act, nature)
    assert bool(findings.public) == (act == "reject")


def test_the_score_is_the_sum_of_the_reasons_that_are_kept():
    findings = judged(1.25, -0.5, 3)
    assert findings.score == pytest.approx(sum(one.weight for one in findings.kept("").reasons)) == 3.75


def test_a_rule_counts_once_with_its_loudest_weight():
    assert score_of([Reason("a", 1), Reason("a", 3), Reason("a", 2), Reason("b", -1)]) == 2


def test_malware_that_is_held_is_not_sent_away_for_its_score():
    findings = Findings(reasons=[Reason("a", 40)], nature="malware")
    findings.demand("quarantine")
    judge(findings, Thresholds())
    assert (findings.act, findings.nature) == ("quarantine", "malware")


def test_what_was_demanded_before_stays():
    findings = Findings(reasons=[Reason("list.allowed", -100)], nature="malware")
    findings.demand("quarantine")
    judge(findings, Thresholds())
    assert (findings.act, findings.nature) == ("quarantine", "malware")


def test_bulk_mail_that_nobody_minds_stays_bulk():
    assert judged(3.5, nature="bulk").nature == "bulk"
    assert judged(6.5, nature="bulk").nature == "spam"


def test_a_threshold_of_zero_is_never():
    off = Thresholds(0, 0, 0)
    assert judged(50, thresholds=off).act == "deliver"
    assert judged(50, thresholds=Thresholds(6, 12, 0)).act == "quarantine"


def test_several_domains_get_the_mildest():
    assert Thresholds(6, 12, 15).mildest(Thresholds(8, 10, 0)) == Thresholds(8, 12, 0)


def test_percent_is_half_at_the_threshold():
    assert [percent_of(score, 6) for score in (0, 6, 12)] == [2, 50, 98]
    assert percent_of(1e9, 6) == 100
    assert percent_of(-1e9, 6) == 0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats())))
def test_no_weight_breaks_the_sum(pairs):
    findings = Findings(reasons=[Reason(rule, weight) for rule, weight in pairs])
    judge(findings, Thresholds())
    assert math.isfinite(findings.score)
    assert 0 <= findings.spam_percent <= 100


class Policy:
    """Answers by domain."""

    def __init__(self, values) -> None:
        self.values = values

    async def value(self, account, knob):
        if self.values is None:
            raise Unavailable
        return self.values.get((account, knob.name), knob.default)


async def test_thresholds_come_from_policy():
    own = Policy({("a", knobs.SPAM_JUNK_SCORE.name): 4, ("b", knobs.SPAM_REJECT_SCORE.name): 0})
    inspector = VerdictInspector(own)
    assert await inspector.thresholds(["a"]) == Thresholds(4, 12, 15)
    assert await inspector.thresholds(["a", "b", None]) == Thresholds(6, 12, 0)
    assert await inspector.thresholds([None]) == Thresholds()


async def test_without_policy_the_usual_thresholds_hold():
    findings = Findings(reasons=[Reason("a", 7)])
    await VerdictInspector(Policy(None)).examine(SimpleNamespace(findings=findings, accounts=["a"]))
    assert findings.act == "junk"


def test_what_was_learned_alone_never_refuses():
    assert weight_of(1e6) < Thresholds().quarantine
    assert weight_of(2.5) == Thresholds().junk
    assert weight_of(-1e6) == -4


def test_telling_words_are_words_of_the_side_that_won():
    told = [("s:대출", 2.0), ("t:font", 1.0), ("meeting", -3.0), ("\x011.2", 1.0), ("u:evil.test", 0.5)]
    assert words_of(told, 1.0) == "대출, evil.test"
    assert words_of(told, -1.0) == "meeting"


@pytest.mark.parametrize(
    ("before", "after", "wish"),
    [(0, 32, True), (0, 64, False), (32, 0, False), (64, 0, None), (64, 32, True), (32, 64, False), (0, 256, True),
     (32, 33, None), (1, 0, None), (256, 0, False), (32 | 256, 32, None)],
)  # fmt: skip
def test_what_keywords_say(before, after, wish):
    assert wish_of(before, after) is wish or ((before ^ after) & (32 | 64 | 256) == 0 and wish is None)
