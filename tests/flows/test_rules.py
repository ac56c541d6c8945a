"""Rules in a whole house: what is found out is sealed with the message, and strangers become known."""

import asyncio
import random
import smtplib

import pytest
from tests.contract.fake_engines import EICAR, FakeIcap, running
from tests.flows.house import PASSWORD, House, open_house
from tests.unit.service_filtering.specimens import attached, letter

from smartmail.domain.inspection import Inspection
from smartmail.ports.scan import EngineSettings
from smartmail.service.kernel.inspection.keeping import open_inspection
from smartmail.service.protection.filtering import acquaintances


@pytest.fixture
async def house(tmp_path, monkeypatch):
    monkeypatch.setattr(acquaintances, "STRANGER_MS", 0)
    async with open_house(tmp_path, domains=("innotab.com",)) as opened:
        await opened.person("kim@innotab.com")
        opened.known = opened.services.delivery.desk.limits._wrote.__self__
        yield opened


async def send(house: House, octets: bytes, sender: str = "lee@partner.example") -> None:
    def work() -> None:
        with smtplib.SMTP("127.0.0.1", house.ports["smtp"], timeout=60) as client:
            client.sendmail(sender, ["kim@innotab.com"], octets)

    await asyncio.to_thread(work)
    await house.known.settle()


async def newest(house: House) -> Inspection:
    account = house.accounts["kim@innotab.com"]
    keys = await house.services.delivery.desk.keyring.account_by_id(account.id)
    lines = []
    for box in await house.store.mailboxes(account.id):
        lines += (await house.store.view(account.id, box.id))[1]
    last = max(line.message_id for line in lines)
    [(_id, blob_id, sealed)] = await house.store.inspections(account.id, [last])
    return open_inspection(keys, blob_id, sealed)


def rules(inspection: Inspection) -> set[str]:
    return {one.rule for one in inspection.reasons}


async def test_who_wrote_once_is_no_stranger(house):
    await send(house, letter())
    first = await newest(house)
    assert {"first-to-person", "first-to-company"} <= rules(first)
    await send(house, letter(subject="둘째"))
    assert not {"first-to-person", "first-to-company"} & rules(await newest(house))


async def test_whom_one_wrote_to_is_no_stranger(house):
    def work() -> None:
        with smtplib.SMTP("127.0.0.1", house.ports["submission"], timeout=60) as client:
            client.login("kim@innotab.com", PASSWORD)
            client.sendmail(
                "kim@innotab.com", ["new@new.example"], b"From: kim@innotab.com\r\nTo: new@new.example\r\n\r\nhello\r\n"
            )

    await asyncio.to_thread(work)
    await house.known.settle()
    await send(house, letter(sender="new@new.example"))
    assert not {"first-to-person", "first-to-company"} & rules(await newest(house))


async def test_junk_makes_no_friends(house):
    wicked = letter("결제 계좌가 변경되었습니다", sender="홍길동 <a@lnnotab.com>", extra="Reply-To: x@free.example\r\n")
    await send(house, wicked, "a@lnnotab.com")
    account = house.accounts["kim@innotab.com"]
    standing = await house.known.standing(account, "a@lnnotab.com")
    assert standing.person is None


async def test_fraud_is_told_on_top_of_the_message(house):
    await house.services.scanning.weigh("bec", 1.0, "test")
    await house.services.scanning.weigh("domain-lookalike", 1.0, "test")
    await send(house, letter("결제 계좌가 변경되었습니다", sender="Kim <a@lnnotab.com>"))
    found = await newest(house)
    assert found.nature == "phishing"
    assert {"domain-lookalike", "bec"} <= rules(found)


async def test_somebody_unknown_who_answers_in_a_conversation(house):
    await send(house, letter(extra="X: 1\r\n"))
    answer = letter(
        sender="lee@partner-mail.example", extra="In-Reply-To: <1@partner.example>\r\n", subject="Re: 회의 자료"
    )
    await send(house, answer, "lee@partner-mail.example")
    assert "chain-hijack" in rules(await newest(house))
    await send(house, letter(extra="In-Reply-To: <1@partner.example>\r\n", subject="Re: 회의 자료"))
    assert "chain-hijack" not in rules(await newest(house))


WORDS = (
    "회의 보고서 일정 결재 검토 요청 첨부 자료 견적 계약 프로젝트 고객 매출 분기 예산 발령 교육 안내 공지 점검 보안 납품 발주 세금계산서 입금 확인 "
    "감사합니다 안녕하세요 부탁드립니다 참고하시기 바랍니다 담당자 부서 본부 출장 휴가 신청 승인 결과 회신 대용량 링크 기한 연장 정산 월말 마감 "
    "meeting report schedule approval review security delivery invoice payment confirm"
).split()


def office_letter(rng: random.Random, number: int, sender: str) -> bytes:
    """Return harmless mail of an office: each names an earlier one, as the letters of one project do."""
    body = " ".join(rng.choices(WORDS, k=rng.randint(50, 600)))
    before = f"References: <{rng.randrange(number)}@innotab.com>\r\n" if number else ""
    made = letter(body, sender=f"이영업 <{sender}>", subject=" ".join(rng.choices(WORDS, k=6)), extra=before)
    return made.replace(b"<1@partner.example>", b"<%d@innotab.com>" % number)


async def test_office_mail_of_a_stranger_is_no_junk(house, monkeypatch):
    """Letters that go on with the stranger's own, under Message-IDs of ours as a gateway writes them."""
    monkeypatch.setattr(acquaintances, "STRANGER_MS", 3_600_000)
    rng, sender = random.Random(14), "new@new-partner.example"
    for number in range(25):
        await send(house, office_letter(rng, number, sender), sender)
        found = await newest(house)
        assert found.act == "deliver", [(one.rule, one.weight) for one in found.reasons]
        assert "chain-hijack" not in rules(found)


async def test_an_engine_that_stalls_holds_mail_and_malware_is_held(house):
    engine = FakeIcap()
    async with running(engine):
        added = EngineSettings("v3", "icap", f"icap://127.0.0.1:{engine.port}/respmod", seconds=0.5)
        await house.services.scanning.add_engine(added, "test")
        await send(house, letter())
        assert (await newest(house)).act == "deliver"
        engine.mood = "stall"
        await send(house, letter(subject="걸림"))
        engine.mood = "clean"
        await send(house, attached("a.txt", b"x") + EICAR)
        holds = [one.hold_reason for _row, people in await house.store.queue_entries(10) for one in people]
    assert holds == ["quarantine", "quarantine"]


async def test_what_is_known_of_people_is_no_address(house):
    await send(house, letter(sender="secret-sender@hidden-partner.example"))
    rows = await house.store._db.rows("select key from acquaintance")
    assert len(rows) == 3
    assert not any(b"secret" in bytes(row[0]) or b"hidden" in bytes(row[0]) for row in rows)
