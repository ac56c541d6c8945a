"""Words decide only beside a sign of another kind: the shipped start, what a rule of intent read, and who hides."""

import time

import pytest
from tests.unit.service_filtering.specimens import letter, specimen
from tests.unit.service_filtering.test_intents import NONE, PASSED
from tests.unit.service_filtering.test_rules import Bench

from smartmail.app.learning import shipped_start
from smartmail.domain.inspection import AuthResult, Reason
from smartmail.formats.bent_words import bent_words
from smartmail.formats.phrases import Phrases
from smartmail.formats.spam.judging import START_CLEAR, START_MOST, START_SURE, Beside, Judges
from smartmail.service.filtering.content import ContentInspector, beside_of
from smartmail.service.filtering.verdict import Thresholds, score_of
from smartmail.service.inspection.specimen import Findings

JUNK = Thresholds().junk
PLAIN = "내일 오후에 방문해도 괜찮을까요. 담당자분 성함을 알려 주시면 감사하겠습니다."
LURE = (
    "Dear user, all users must migrate to the new webmail today. Failure to comply leads to permanent loss. Kindly sign in "
    "with your email password to keep your current password and release the messages."
)


class Shipped:
    async def judges(self, _organization, _account):
        return Judges(shipped_start(), None)


async def judged(octets: bytes, results=NONE, *, aligned=False, sender="a@new.example") -> Findings:
    one = specimen(octets, sender=sender)
    one.findings.authentication = [AuthResult(*pair) for pair in results]
    one.findings.aligned = aligned
    await Bench().inspector.examine(one)
    await ContentInspector(Shipped()).examine(one)
    return one.findings


@pytest.mark.parametrize(
    ("body", "sender", "extra", "doubt"),
    [
        (PLAIN, "Park <park@new.example>", "", "unproved"),
        (f"{PLAIN} 02-555-1234", "Park <park@new.example>", "", "calls"),
        (PLAIN, "IT Helpdesk <park@new.example>", "", "hides"),
        (f"{PLAIN} https://pages.dev/x", "Park <park@new.example>", "", "hides"),
        (f"{PLAIN} https://t.me/x", "Park <park@new.example>", "", "hides"),
        (f"{PLAIN} 010-1234-5678", "Park <park@gmail.com>", "", "hides"),
        (PLAIN, "Park <park@new.example>", "Reply-To: x@elsewhere.example\r\n", "hides"),
        ("무직자도 대.출 됩니다. 연락 주세요.", "Park <park@new.example>", "", "hides"),
        (PLAIN, "Park <park@new.example>", "In-Reply-To: <9@office.example>\r\n", "none"),
        (PLAIN, "Lee <lee@partner.example>", "", "none"),
    ],
)
async def test_what_there_is_against_a_stranger(body, sender, extra, doubt):
    found = await Bench().judge(letter(body, sender=sender, extra=extra), results=NONE)
    assert found.doubt == doubt


async def test_a_stranger_who_proves_who_they_are_is_no_doubt():
    assert (
        await Bench().judge(letter(PLAIN, sender="a <a@new.example>"), results=PASSED, aligned=True)
    ).doubt == "none"
    assert (await Bench().judge(letter(PLAIN, sender="a <a@new.example>"))).doubt == "none", "nothing was asked"


async def test_the_start_decides_beside_doubt_and_never_alone():
    told = letter(LURE, sender="Desk <a@new.example>", subject="Last warning: mailbox deactivation")
    assert score_of((await judged(told)).reasons) >= JUNK
    proved = await judged(told, PASSED, aligned=True)
    assert score_of(one for one in proved.reasons if one.rule == "learned") < JUNK
    assert score_of((await judged(letter("invoice password account", sender="a <a@new.example>"))).reasons) < JUNK


def test_words_that_an_intent_read_count_once():
    honest = Findings(doubt="unproved", reasons=[Reason("intent-payment", 2.0, ())])
    assert beside_of(honest).most == pytest.approx(START_MOST - 2.0 / 2.4)
    assert beside_of(Findings(doubt="unproved")) == beside_of(
        Findings(doubt="unproved", reasons=[Reason("unproved", 0.6, ())])
    )
    for doubt, clear in START_CLEAR.items():
        assert beside_of(Findings(doubt=doubt)) == Beside(START_SURE, clear)
    assert beside_of(Findings()).most == START_MOST
    masked = beside_of(Findings(doubt="hides", reasons=[Reason("intent-payment", 6.8, ())]))
    assert masked.hides
    assert masked.most == START_MOST, "one intent and the start together refuse nothing"


WORDS = Phrases(("대출", "카지노", "바카라", "토토"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("대.출 상담", {"대출"}), ("카ㅈㅣ노 신규", {"카지노"}), ("바 카 라 무료", {"바카라"}), ("토·토 사이트", {"토토"}), ("대.출상담", {"대출"}),
        ("대출 상담", set()), ("확대·출시 예정", set()), ("국·영·수 과외", set()), ("이 달 말까지", set()), ("ㅋㅋ 카지노", set()),
        ("남/여 월~금", set()), ("plain text", set()),
    ],
)  # fmt: skip
def test_words_written_apart(text, found):
    assert bent_words(text, WORDS) == found


@pytest.mark.parametrize("unit", ["가.", "ㅋㅏ", "가 ", "ㄱ", "가나다라마바사아자차카", "..", "ㅏ"])
def test_reading_words_written_apart_is_linear(unit):
    spent = []
    for size in (5_000, 40_000):
        before = time.process_time()
        bent_words(unit * (size // len(unit)), WORDS)
        spent.append(time.process_time() - before)
    assert spent[1] < 8 * 4 * max(spent[0], 0.002)
