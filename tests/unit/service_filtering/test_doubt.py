"""Words decide only beside a sign of another kind: the shipped start, what a rule of intent read, and who hides."""

import time

import pytest
from tests.unit.service_filtering.specimens import attached, letter, specimen
from tests.unit.service_filtering.test_intents import NONE, PASSED
from tests.unit.service_filtering.test_rules import Bench

from smartmail.app.wiring.protection import shipped_start
from smartmail.domain.inspection import AuthResult, Reason
from smartmail.formats.bent_words import bent_words
from smartmail.formats.phrases import Phrases
from smartmail.formats.spam.judging import IMPERSONAL_CLEAR, START_CLEAR, START_MOST, START_SURE, Beside, Judges
from smartmail.service.kernel.inspection.specimen import Findings
from smartmail.service.protection.filtering.content import ContentInspector, beside_of
from smartmail.service.protection.filtering.rules.impersonal import IMPERSONAL
from smartmail.service.protection.filtering.rules.intents import CLAIMED_ALONE
from smartmail.service.protection.filtering.rules.table import WEIGHTS
from smartmail.service.protection.filtering.verdict import Thresholds, score_of

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
        (f"{PLAIN} 02-555-1234", "Park <park@new.example>", "", "unproved"),
        (f"{PLAIN} https://new.example/x", "Park <park@new.example>", "", "unproved"),
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


@pytest.mark.parametrize(
    ("body", "sender", "extra", "doubt"),
    [
        (PLAIN, "a <a@new.example>", "", "none"),
        (f"{PLAIN} https://new.example/x", "a <a@new.example>", "", "proved"),
        (f"{PLAIN} https://t.me/x", "a <a@new.example>", "", "hints"),
        (PLAIN, "a <a@new.example>", "Reply-To: x@elsewhere.example\r\n", "hints"),
        (PLAIN, "a <a@gmail.com>", "", "unproved"),
        (f"{PLAIN} 010-1234-5678", "a <a@gmail.com>", "", "hides"),
        (f"{PLAIN} https://pages.dev/x", "a <a@new.example>", "", "hides"),
        (f"{PLAIN} https://new.example/x", "a <a@new.example>", "List-Id: <l.new.example>\r\n", "none"),
        (f"{PLAIN} https://www.naver.com", "네이버 <noreply@navercorp.com>", "", "none"),
    ],
)
async def test_proof_says_who_wrote_and_not_what_for(body, sender, extra, doubt):
    found = await Bench().judge(letter(body, sender=sender, extra=extra), results=PASSED, aligned=True)
    assert found.doubt == doubt


async def test_where_nothing_was_asked_there_is_no_doubt():
    assert (await Bench().judge(letter(PLAIN, sender="a <a@new.example>"))).doubt == "none"


@pytest.mark.parametrize(
    ("name", "body", "doubt"),
    [
        ("견적서.pdf", PLAIN, "none"), ("scan.jpg", PLAIN, "none"), ("자료.zip", PLAIN, "proved"), ("setup.bin", PLAIN, "proved"),
        ("자료.zip", f"{PLAIN} 비밀번호는 1234입니다.", "hides"), ("offer.r00", f"{PLAIN} Password: 7781", "hides"),
        ("자료.zip", f"{PLAIN} 비밀번호는 전화로 알려 드리겠습니다.", "proved"), ("자료.pdf", f"{PLAIN} 비밀번호는 1234입니다.", "none"),
    ],
)  # fmt: skip
async def test_documents_are_no_call_and_an_archive_with_its_password_hides(name, body, doubt):
    octets = attached(name, b"x", body=body).replace(b"lee@partner.example", b"new@stranger.example")
    assert (await Bench().judge(octets, results=PASSED, aligned=True, sender="new@stranger.example")).doubt == doubt


async def test_a_false_name_with_a_call_counts_once():
    async def weight(body: str) -> float:
        found = await Bench().judge(letter(body, sender="DHL <x@post.example>", subject="Notice"), results=NONE)
        return max(one.weight for one in found.reasons if one.rule == "brand-claimed")

    assert await weight("Hello there.") == WEIGHTS["brand-claimed"]
    assert await weight("Please see https://post.example/x") == CLAIMED_ALONE
    lure = "Your parcel is on hold. Pay the redelivery fee within 24 hours: https://post.example/x"
    assert await weight(lure) == WEIGHTS["brand-claimed"], "the intent's weight holds it"


async def test_the_start_decides_beside_doubt_and_never_alone():
    told = letter(LURE, sender="Desk <a@new.example>", subject="Last warning: mailbox deactivation")
    assert score_of((await judged(told)).reasons) >= JUNK
    proved = await judged(told, PASSED, aligned=True)
    assert score_of(one for one in proved.reasons if one.rule == "learned") < JUNK, "no call"
    assert score_of((await judged(letter("invoice password account", sender="a <a@new.example>"))).reasons) < JUNK


def test_words_that_an_intent_read_count_once():
    honest = Findings(doubt="unproved", reasons=[Reason("intent-payment", 2.0, ())])
    assert beside_of(honest) == Beside(
        pytest.approx(START_SURE - 2.0 / 2.4), START_CLEAR["unproved"], unsure=pytest.approx(START_MOST - 2.0 / 2.4)
    )
    for rule, doubt in (("intent-account", "unproved"), ("intent-payment", "proved"), ("intent-loan", "unproved")):
        found = Findings(doubt=doubt, reasons=[Reason(rule, 2.0, ())])
        assert beside_of(found).most == pytest.approx(START_MOST - 2.0 / 2.4), (
            "honest programs write of it, or words say it all"
        )
    assert beside_of(Findings(doubt="unproved")) == beside_of(
        Findings(doubt="unproved", reasons=[Reason("unproved", 0.6, ())])
    )
    for doubt, clear in START_CLEAR.items():
        assert beside_of(Findings(doubt=doubt)) == Beside(START_SURE, clear)
    assert beside_of(Findings()).most == START_MOST
    masked = beside_of(Findings(doubt="hides", reasons=[Reason("intent-payment", 6.8, ())]))
    assert masked.hides
    assert masked.most == START_MOST, "one intent and the start together refuse nothing"


OFFER = "사장님께 꼭 맞는 자리를 찾아 드립니다. 자세한 내용은 아래에서 보시고 편하게 연락 주세요. https://new.example/x"


@pytest.mark.parametrize(
    ("more", "weight"),
    [
        ("", WEIGHTS[IMPERSONAL]), ("하루 30% 할인, 문의 010-1234-5678 또는 1588-1234", WEIGHTS[IMPERSONAL]), ("2만 원, 3일 안에", WEIGHTS[IMPERSONAL]),
        ("12월 9일에 뵙겠습니다.", None), ("수요일 2시에 뵙겠습니다.", None), ("12/9(수)까지", None), ("2026. 12. 9.", None), ("문의 02-555-0142", None),
        ("주문번호 2611882133", None), ("문서 GW-2026-11873", None), ("송장 NG20418", None),
    ],
)  # fmt: skip
async def test_a_letter_that_could_go_to_anybody_names_no_day_and_no_number(more, weight):
    found = await Bench().judge(letter(f"{OFFER} {more}", sender="a <a@new.example>", subject="안내"), results=NONE)
    assert {one.rule: one.weight for one in found.reasons}.get(IMPERSONAL) == weight


async def test_whose_form_is_not_judged():
    async def impersonal(octets: bytes, results=NONE, **more) -> float | None:
        found = await Bench().judge(octets, results=results, **more)
        return {one.rule: one.weight for one in found.reasons}.get(IMPERSONAL)

    from_stranger = {"sender": "a <a@new.example>", "subject": "안내"}
    one_click = "List-Unsubscribe: <https://new.example/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    news = letter(OFFER, extra=one_click, **from_stranger)
    assert await impersonal(news, PASSED, aligned=True) is None, (
        "a newsletter that proves its domain is left with a click"
    )
    assert await impersonal(news) == WEIGHTS[IMPERSONAL], "anybody can write that field"
    assert await impersonal(letter(OFFER, extra="In-Reply-To: <9@office.example>\r\n", **from_stranger)) is None
    assert await impersonal(letter(OFFER, sender="Lee <lee@partner.example>")) is None, "who is known"
    assert (
        await impersonal(letter("Please have a look at our offer: https://new.example/x " * 3, **from_stranger)) is None
    )
    assert await impersonal(letter(PLAIN, **from_stranger)) == 0.0, "without a call it says nothing by itself"
    files = attached("견적서.pdf", b"x", body=OFFER).replace(b"lee@partner.example", b"new@stranger.example")
    assert await impersonal(files, sender="new@stranger.example") is None


def test_words_of_an_impersonal_letter_need_to_be_less_sure():
    form = Reason(IMPERSONAL, 1.5, ())
    for doubt in ("unproved", "proved"):
        assert beside_of(Findings(doubt=doubt, reasons=[form])) == Beside(START_SURE, IMPERSONAL_CLEAR[doubt])
        assert IMPERSONAL_CLEAR[doubt] < START_CLEAR[doubt]
    loan = Reason("intent-loan", 2.0, ())
    assert beside_of(Findings(doubt="unproved", reasons=[loan, form])).clear == IMPERSONAL_CLEAR["unproved"]
    assert beside_of(Findings(doubt="unproved", reasons=[Reason("intent-account", 2.0, ()), form])).clear == 0.0


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
