"""How many planted numbers are found, and how often a clean mail is suspected, on mails made from seeds.

Findings of low confidence count where the detector has no other (telephones, addresses of mail); names and postal addresses are not
judged: they are in every line and no rule acts on one alone.
"""

from collections import Counter
from datetime import date

from tests.unit.formats_leaks.corpus import Mail, clean, planted

from smartmail.formats.leaks.detecting import detect
from smartmail.formats.leaks.reading import plain_of_html

TODAY = date(2026, 12, 2)
ALWAYS_LOW = {"kr.mobile", "kr.phone", "email", "ip"}
UNJUDGED = {"kr.name", "kr.address", "kr.phone", "ip"}
PLANTED, CLEAN = 5_000, 2_000


def told(mail: Mail, least: str = "medium") -> set[tuple[str, str]]:
    good = {"medium", "high"} if least == "medium" else {"high"}
    return {
        (one.detector, one.value)
        for one in detect(plain_of_html(mail.text) if mail.html else mail.text, today=TODAY)
        if (one.confidence in good or (least == "medium" and one.detector in ALWAYS_LOW))
        and one.detector not in UNJUDGED
    }


def test_planted_numbers_are_found_and_little_else():
    right, missed, wrong = 0, Counter(), Counter()
    for seed in range(PLANTED):
        mail = planted(seed)
        said = told(mail)
        right += len(said & mail.truth)
        missed.update(kind for kind, _ in mail.truth - said)
        wrong.update(kind for kind, _ in said - mail.truth)
    recall = right / (right + missed.total())
    precision = right / (right + wrong.total())
    assert recall >= 0.99, (recall, missed)
    assert precision >= 0.97, (precision, wrong)


def test_clean_mails_full_of_numbers_are_not_suspected():
    high = both = 0
    for seed in range(CLEAN):
        mail = clean(seed)
        high += bool(told(mail, "high") - mail.truth)
        both += bool(told(mail) - mail.truth)
    assert high <= CLEAN * 0.001, high
    assert both <= CLEAN * 0.01, both
