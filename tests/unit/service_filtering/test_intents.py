"""Intents: phishing and Korean spam that nothing was learned from are Junk, and what offices write about the same is not."""

import time
from email.message import EmailMessage

import pytest
from tests.unit.service_filtering.intent_letters import BUSINESS, KOREAN_SPAM, PHISHING, Written
from tests.unit.service_filtering.specimens import DATE, letter, line
from tests.unit.service_filtering.test_rules import Bench

from smartmail.formats.phrases import folded
from smartmail.service.protection.filtering.acquaintances import Standing
from smartmail.service.protection.filtering.intents.brands import BRANDS
from smartmail.service.protection.filtering.intents.calls import calls_of
from smartmail.service.protection.filtering.intents.claims import claims_by_name, is_of
from smartmail.service.protection.filtering.intents.lures import LURES
from smartmail.service.protection.filtering.intents.offers import OFFERS
from smartmail.service.protection.filtering.verdict import Thresholds, score_of

NONE = (("spf", "none"), ("dkim", "none"), ("dmarc", "none"))
PASSED = (("spf", "pass"), ("dkim", "pass"), ("dmarc", "pass"))
PROOFS = {"none": (NONE, False), "proved": (PASSED, True), "not asked": ((), False)}
JUNK = Thresholds().junk


def octets_of(written: Written) -> bytes:
    """Return a letter as it comes over the wire."""
    made = EmailMessage()
    name, _, address = written.sender.rpartition(" <")
    made["From"], made["To"], made["Subject"] = f'"{name}" <{address}', "kim@innotab.com", written.subject
    made["Date"], made["Message-ID"] = DATE, "<1@stranger.example>"
    made.set_content(written.body, subtype="html" if "</" in written.body or "<img" in written.body else "plain")
    if written.file:
        made.add_attachment(b"x", maintype="application", subtype="octet-stream", filename=written.file)
    return made.as_bytes().replace(b"\n", b"\r\n")


async def judged(written: Written, proof: str):
    results, aligned = PROOFS[proof]
    return await Bench().judge(octets_of(written), results=results, aligned=aligned)


@pytest.mark.parametrize("proof", PROOFS)
async def test_phishing_and_spam_of_no_lesson_is_junk(proof):
    for written in (*PHISHING, *KOREAN_SPAM):
        found = await judged(written, proof)
        assert score_of(found.reasons) >= JUNK, (written.subject, [(one.rule, one.weight) for one in found.reasons])
        assert score_of(found.reasons) < Thresholds().reject, "words alone refuse nothing"


@pytest.mark.parametrize("proof", PROOFS)
async def test_what_offices_write_about_the_same_is_none(proof):
    for written in BUSINESS:
        found = await judged(written, proof)
        assert score_of(found.reasons) < JUNK, (written.subject, [(one.rule, one.weight) for one in found.reasons])
        assert found.nature not in {"phishing", "spam"}


async def test_a_lure_of_somebody_who_hides_is_phishing_and_an_offer_is_spam():
    assert (await judged(PHISHING[0], "none")).nature == "phishing"
    assert [one.rule for one in (await judged(KOREAN_SPAM[0], "none")).reasons if one.rule.startswith("intent-")] == [
        "intent-gambling"
    ]


LURE = "Your message could not be delivered because the address is wrong. It is on hold."
PAGE = f"text/html\r\n\r\n<p>{LURE} <a href='http://mx.far.example/why'>Why</a></p>\r\n"


def returned(parts: tuple[str, ...], kind: str = "multipart/report") -> bytes:
    """A letter in the words of a failed delivery, with parts behind these words."""
    texts = (f"text/plain\r\n\r\n{LURE}\r\nhttp://mx.far.example/why\r\n", *parts)
    body = "".join(f"--b\r\nContent-Type: {one}\r\n" for one in texts)
    return (
        "From: Mail Delivery System <mailer-daemon@mx.far.example>\r\nTo: kim@innotab.com\r\nSubject: Delivery failed\r\n"
        f"Date: {DATE}\r\nMessage-ID: <2@far.example>\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: {kind}; report-type=delivery-status; boundary="b"\r\n\r\n{body}--b--\r\n'
    ).encode()


def status(recipient: str) -> str:
    return (
        "message/delivery-status\r\n\r\nReporting-MTA: dns; mx.far.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    )


ORIGINAL = "text/rfc822-headers\r\n\r\nFrom: kim@innotab.com\r\nSubject: x\r\n"
WRITTEN_TO, NEVER = "choi@far.example", "nobody@far.example"


@pytest.mark.parametrize("parts", [(status(WRITTEN_TO), ORIGINAL), (status(WRITTEN_TO),)])
async def test_a_server_that_reports_a_failed_delivery_is_no_parcel_service(parts):
    bench = Bench()
    bench.friends.standings[WRITTEN_TO] = Standing(line(sent=1), line(sent=1))
    report = await bench.judge(returned(parts), results=NONE, sender="")
    assert not [one.rule for one in report.reasons if one.rule.startswith("intent-")]


@pytest.mark.parametrize(
    ("parts", "kind", "sender"),
    [
        # Whoever calls something a report and wants an answer is a stranger like others.
        ((status(WRITTEN_TO), ORIGINAL), "multipart/report", "a@far.example"),
        ((status(WRITTEN_TO), ORIGINAL), "multipart/mixed", ""),
        # Nothing is reported, of nobody, or of somebody to whom the reader never wrote.
        ((), "multipart/report", ""),
        ((ORIGINAL,), "multipart/report", ""),
        (("message/delivery-status\r\n\r\nReporting-MTA: dns; mx.far.example\r\n",), "multipart/report", ""),
        ((status(NEVER), ORIGINAL), "multipart/report", ""),
        # A page beside it, or in the place of the original.
        ((status(WRITTEN_TO), PAGE), "multipart/report", ""),
        ((status(WRITTEN_TO), ORIGINAL, PAGE), "multipart/report", ""),
        ((PAGE, status(WRITTEN_TO)), "multipart/report", ""),
    ],
)
async def test_a_letter_that_only_looks_like_a_report_is_read(parts, kind, sender):
    bench = Bench()
    bench.friends.standings[WRITTEN_TO] = Standing(line(sent=1), line(sent=1))
    found = await bench.judge(returned(parts, kind), results=NONE, sender=sender)
    assert "intent-parcel" in [one.rule for one in found.reasons]


async def test_that_the_house_wrote_to_somebody_makes_no_report_for_one_person():
    bench = Bench()
    bench.friends.standings[WRITTEN_TO] = Standing(line(), line(sent=3))
    found = await bench.judge(returned((status(WRITTEN_TO), ORIGINAL)), results=NONE, sender="")
    assert "intent-parcel" in [one.rule for one in found.reasons]


async def test_whom_one_knows_may_write_of_anything():
    bench = Bench()
    body = PHISHING[1].body
    known = letter(body, kind="text/html; charset=utf-8", subject=PHISHING[1].subject)
    assert not {one for one in await bench.rules(known) if one.startswith("intent-")}
    bench.friends.standings["lee@partner.example"] = Standing(line(), line(), line(proved=True))
    lost = await bench.rules(known, results=(("dmarc", "fail"),))
    assert {"proof-lost", "intent-mailbox"} <= lost, "a taken-over name is no acquaintance"


@pytest.mark.parametrize(
    ("sender", "claimed"),
    [
        ("네이버 고객센터 <a@naver-help.example>", True), ("NAVER <x@naver-help.example>", True), ("Microsoft account team <a@b.example>", True),
        ("네이버 <noreply@navercorp.com>", False), ("네이버 고객센터 <hong1@naver.com>", True), ("NAVER <mail_noreply@naver.com>", False),
        ("네이버 광고대행 한빛 김민호 <ad@agency.example>", False), ("DHL <x@dhl-post.example>", True), ("Adhley <x@dhl-post.example>", False),
        ("김애플 <kim@apple-farm.example>", False),
    ],
)  # fmt: skip
async def test_a_brand_is_claimed_by_whoever_is_called_so(sender, claimed):
    assert ("brand-claimed" in await Bench().rules(letter("확인 https://a.example", sender=sender))) is claimed


async def test_a_brand_of_its_own_domain_writes_what_it_wants_unless_proof_fails():
    notice = letter(
        "새로운 기기에서 로그인. 본인이 아닌 경우 비밀번호 변경 http://nid.example",
        sender="네이버 <account@navercorp.com>",
    )
    assert not {one for one in await Bench().rules(notice) if one.startswith(("intent-", "brand-"))}
    assert "intent-account" in await Bench().rules(notice, results=(("dmarc", "fail"), ("spf", "fail")))


async def test_one_letter_has_one_intent():
    body = "바카라 카지노 첫충 보너스 꽁머니. 무직자 당일 대출 한도조회 최저금리. 카톡 aa http://a.example"
    rules = [one for one in await Bench().rules(letter(body, sender="a <a@new.example>")) if one.startswith("intent-")]
    assert len(rules) == 1


async def test_words_without_anything_to_do_are_words():
    body = "바카라 카지노 첫충 보너스 꽁머니 이야기를 뉴스에서 보았습니다."
    assert not {
        one for one in await Bench().rules(letter(body, sender="a <a@new.example>")) if one.startswith("intent-")
    }


async def test_a_code_in_a_picture_is_a_call(monkeypatch):
    written = PHISHING[17]._replace(
        body="All employees must review and acknowledge the updated company policy today: scan the QR code."
    )
    bench = Bench()
    evidence = octets_of(written)
    assert "intent-staff" not in await bench.rules(evidence)
    check = next(check for name, check in bench.inspector._checks if name == "intents")

    async def with_code(seen):
        seen.codes = ["https://a.example/login"]
        return await check(seen)

    bench.inspector._checks = tuple(
        (name, with_code if name == "intents" else one) for name, one in bench.inspector._checks
    )
    assert "intent-staff" in await bench.rules(evidence)


@pytest.mark.parametrize(
    "text",
    ["문의 02-1234-5678", "1588-0000 상담", "010 1234 5678", "call +1 (808) 555-0144", "1-888-555-0199", "03-1234-5678 まで", "电话 021-5555-6666"],
)  # fmt: skip
def test_numbers_to_call(text):
    assert "phone" in calls_of(text, folded(text), [], files=False, code=False)


@pytest.mark.parametrize(
    "text", ["2026-12-01", "110-123-456789 로 입금", "invoice 33912", "https://a.example/1234-5678-9012-3456"]
)
def test_numbers_that_nobody_calls(text):
    assert "phone" not in calls_of(text, folded(text), [], files=False, code=False)


def test_the_tables_hold_together():
    names = [folded(name) for brand in BRANDS for name in brand.names]
    assert all(len(name) > 2 or (len(name) == 2 and not name.isascii()) for name in names)
    assert all(domain == domain.lower() and "." in domain for brand in BRANDS for domain in brand.domains)
    rules = [one.rule for one in (*OFFERS, *LURES)]
    assert len(rules) == len(set(rules))
    for one in (*OFFERS, *LURES):
        assert one.weight <= one.masked < Thresholds().quarantine
        assert one.least >= 2, one.rule
    assert is_of("no-reply@accounts.google.com", claims_by_name("Google")[0].brand)


async def test_hostile_letters_cost_little():
    for body in (
        "카지노 " * 30_000,
        "계정 만료 " * 20_000,
        "ㄷH출 " * 30_000,
        "a" * 200_000,
        "<a href='http://a.example'>네이버</a>" * 3_000,
    ):
        begun = time.process_time()
        await Bench().rules(letter(body, sender="a <a@new.example>", extra="X: http://a.example\r\n"))
        assert time.process_time() - begun < 1.5
    begun = time.process_time()
    await Bench().rules(letter("http://a.example", sender='"Microsoft ' + "noreply" * 5_000 + 'x" <a@new.example>'))
    assert time.process_time() - begun < 1.5
