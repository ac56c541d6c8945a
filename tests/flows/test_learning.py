"""What people do with their mail is learned, for them at once, for others within bounds, and can be taken back."""

import asyncio
import imaplib
import itertools
import random
import smtplib

import pytest
from tests.flows.house import PASSWORD, open_house

from smartmail.domain.errors import Unavailable
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin, system_actor
from smartmail.edge.jobs.loops import Jobs
from smartmail.service.kernel.inspection.keeping import open_inspection
from smartmail.service.mailbox.mailstore.patching import Patch
from smartmail.service.protection.filtering.learning import LearningService
from smartmail.service.protection.filtering.models import COMPANY
from smartmail.service.protection.filtering.verdict import LEARNED

OFFICE = "회의 일정 견적 검토 계약 납품 보고 출장 결재 자료 회신 부탁 첨부 참고 내일 오전 담당 부서 확인 요청".split()
TRASHY = "무담보 대출 즉시 승인 당첨 카지노 바카라 입금 보너스 성인 무료 클릭 수익 보장 급전 연체 가능 상담 비밀 추천".split()
NEWS = "강연 소식 구독 이달 문화 전시 공연 도서 서평 기고 편집 독자 여행 사진 음악 영화 축제 후기 인터뷰 칼럼".split()

GOVERNOR = Actor(0, 0, "system", is_admin=True, origin=Origin("cli"))
_repeats = itertools.count()  # the same Message-ID twice would be one delivery


def message(words, number: int) -> bytes:
    chance = random.Random(number)
    body = "\r\n".join(" ".join(chance.sample(words, 8)) for _ in range(8))
    subject = " ".join(chance.sample(words, 3))
    head = f"From: sender{number}@outside.test\r\nTo: kim@a.test\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
    head += f"Message-ID: <{number}@outside.test>\r\n"
    return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n".encode()


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path, domains=("a.test",)) as opened:
        for login in ("kim", "lee", "park"):
            await opened.person(f"{login}@a.test")
        collection = [(message(OFFICE, number), False) for number in range(15)]
        collection += [(message(TRASHY, 100 + number), True) for number in range(15)]
        organization = opened.accounts["kim@a.test"].organization_id
        assert await opened.services.learning.teach(organization, collection) == (15, 15)
        yield opened


def send(port: int, octets: bytes, *recipients: str) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.sendmail("a@outside.test", recipients or ("kim@a.test",), octets)


async def deliver(house, octets: bytes, *recipients: str) -> None:
    await asyncio.to_thread(send, house.ports["smtp"], octets, *recipients)


def imap(house, login: str, mailbox: str, *commands):
    with imaplib.IMAP4("127.0.0.1", house.ports["imap"], timeout=60) as client:
        client.login(f"{login}@a.test", PASSWORD)
        status, count = client.select(mailbox)
        assert status == "OK"
        answers = [client.uid(*command) for command in commands]
        assert all(answer[0] == "OK" for answer in answers), answers
        return int(count[0]) if not commands else answers


async def act(house, login: str, mailbox: str, *commands):
    return await asyncio.to_thread(imap, house, login, mailbox, *commands)


async def inspections(house, login: str, mailbox: str):
    """Return what was found out about the messages of a mailbox, oldest first."""
    account, store = house.accounts[f"{login}@a.test"], house.store
    box = next(row for row in await store.mailboxes(account.id) if row.role == mailbox)
    _row, lines = await store.view(account.id, box.id)
    keys = await house.services.learning._keyring.account(account)
    kept = {
        one: (blob, sealed) for one, blob, sealed in await store.inspections(account.id, [x.message_id for x in lines])
    }
    return [open_inspection(keys, *kept[line.message_id]) for line in lines]


def learned_weight(inspection) -> float:
    return next((one.weight for one in inspection.reasons if one.rule == LEARNED), 0.0)


async def test_what_was_taught_puts_spam_into_junk_with_its_reason(house):
    await deliver(house, message(TRASHY, 900))
    await deliver(house, message(OFFICE, 901))
    [spam], [good] = await inspections(house, "kim", "junk"), await inspections(house, "kim", "inbox")
    assert (spam.act, spam.nature, good.act, good.nature) == ("junk", "spam", "deliver", "clean")
    [reason] = [one for one in spam.reasons if one.rule == LEARNED]
    assert spam.score == pytest.approx(sum(one.weight for one in spam.reasons))
    assert int(reason.facts[0]) > 90
    assert set(reason.facts[1].replace(",", " ").split()) & {word[:2] for word in TRASHY}


async def newest(house, login: str, octets: bytes) -> float:
    """Deliver and return the learned weight of that message, wherever it went."""
    before = {one: len(await inspections(house, login, one)) for one in ("inbox", "junk")}
    await deliver(house, octets.replace(b"@outside.test>", b"-%d@outside.test>" % next(_repeats)), f"{login}@a.test")
    for role, count in before.items():
        now = await inspections(house, login, role)
        if len(now) > count:
            return learned_weight(now[-1])
    raise AssertionError("it went nowhere")


async def test_a_move_to_junk_is_learned_for_its_person_and_hardly_for_others(house):
    await newest(house, "kim", message(NEWS, 1))
    before = await newest(house, "lee", message(NEWS, 2))
    await act(house, "kim", "INBOX", ("MOVE", "1", "Junk"))
    assert await house.services.learning.learn() == 1
    assert await house.services.learning.learn() == 0
    await until_fresh(house)
    assert await newest(house, "kim", message(NEWS, 3)) >= 6
    assert abs(await newest(house, "lee", message(NEWS, 2)) - before) <= 1.3


async def until_fresh(house):
    """Make every model be looked at anew, as a quarter of a second does."""
    models = house.services.learning._models
    for known in (*models._companies.values(), *models._persons.values()):
        known.fresh_until = 0


async def models_of(house, login: str):
    account = house.accounts[f"{login}@a.test"]
    models = house.services.learning._models
    return (await models.fresh_company(account.organization_id)).model, (await models.fresh_person(account)).model


async def test_moving_back_takes_the_lesson_back(house):
    before, _own = await models_of(house, "kim")
    await newest(house, "kim", message(NEWS, 1))
    await act(house, "kim", "INBOX", ("MOVE", "1", "Junk"))
    await house.services.learning.learn()
    taught, own = await models_of(house, "kim")
    assert own.part
    assert (own.bad, taught.bad) == (1, before.bad + 1)
    await act(house, "kim", "Junk", ("MOVE", "1", "INBOX"))
    await house.services.learning.learn()
    after, own = await models_of(house, "kim")
    assert own.part == {}
    assert (after.bad, after.good) == (before.bad, before.good)
    assert max(abs(one - two) for one, two in zip(before.values, after.values, strict=True)) < 1e-4


async def test_mail_saved_out_of_junk_is_learned_as_good(house):
    await deliver(house, message(TRASHY, 900))
    await act(house, "kim", "Junk", ("MOVE", "1", "INBOX"))
    assert await house.services.learning.learn() == 1
    _company, own = await models_of(house, "kim")
    assert (own.good, own.bad) == (1, 0)
    await until_fresh(house)
    assert await newest(house, "kim", message(TRASHY, 900)) < 0


async def test_emptying_junk_is_no_acquittal(house):
    await deliver(house, message(TRASHY, 900))
    await act(house, "kim", "Junk", ("MOVE", "1", "Trash"))
    assert await house.services.learning.learn() == 0


@pytest.mark.parametrize(("flag", "spam"), [("$Junk", True), ("$NotJunk", False), ("$Phishing", True)])
async def test_keywords_of_mail_programs_are_heard(house, flag, spam):
    await deliver(house, message(NEWS, 1))
    await act(house, "kim", "INBOX", ("STORE", "1", "+FLAGS", f"({flag})"))
    assert await house.services.learning.learn() == 1
    _company, own = await models_of(house, "kim")
    assert (own.bad, own.good) == ((1, 0) if spam else (0, 1))


async def test_other_flags_teach_nothing(house):
    await deliver(house, message(NEWS, 1))
    await act(house, "kim", "INBOX", ("STORE", "1", "+FLAGS", "(\\Seen \\Flagged news)"))
    assert await house.store.pending_lessons(10) == []


async def test_the_webmail_is_heard_too(house):
    await deliver(house, message(NEWS, 1))
    account = house.accounts["kim@a.test"]
    boxes = {row.role: row.id for row in await house.store.mailboxes(account.id)}
    [row] = await house.store.all_messages(account.id)
    actor = system_actor(account.id, account.organization_id)
    patch = Patch(mailboxes={boxes["junk"]: True}, whole_mailboxes=True)
    assert await house.services.messages.update_many(actor, account.id, {row.id: patch}) == {}
    [lesson] = await house.store.pending_lessons(10)
    assert lesson.wish is True
    patch = Patch(mailboxes={boxes["inbox"]: True}, whole_mailboxes=True)
    await house.services.messages.update_many(actor, account.id, {row.id: patch})
    [lesson] = await house.store.pending_lessons(10)
    assert lesson.wish is False


async def test_a_hundred_wrong_clicks_of_one_person_leave_the_others_alone(house):
    """What one person teaches is theirs: it moves nobody else's verdicts."""
    watched = [message(OFFICE, 5_000 + number) for number in range(5)]
    before = [await newest(house, "lee", one) for one in watched]
    for number in range(100):
        await deliver(house, message(OFFICE, 1_000 + number))
    await act(house, "kim", "INBOX", ("MOVE", "1:*", "Junk"))
    while await house.services.learning.learn():
        pass
    await until_fresh(house)
    after = [await newest(house, "lee", one) for one in watched]
    assert all(abs(one - two) <= 1.3 for one, two in zip(before, after, strict=True)), (before, after)
    assert len(await inspections(house, "lee", "junk")) == 0
    assert await newest(house, "kim", message(OFFICE, 7_000)) > 0


async def test_spam_is_set_against_mail_that_was_read_and_left(house):
    for number in range(4):
        await deliver(house, message(NEWS, number))
    await act(house, "kim", "INBOX", ("STORE", "2:4", "+FLAGS", "(\\Seen)"), ("MOVE", "1", "Junk"))
    await house.services.learning.learn()
    _company, own = await models_of(house, "kim")
    assert (own.good, own.bad) == (1, 1)


async def test_what_is_kept_of_models_tells_nothing(house):
    await deliver(house, message(NEWS, 1))
    await act(house, "kim", "INBOX", ("MOVE", "1", "Junk"))
    await house.services.learning.learn()
    account = house.accounts["kim@a.test"]
    for owner in (COMPANY, account.id):
        row = await house.store.model(account.organization_id, owner)
        assert row.sealed[:2] not in {b"F1", b"F2"}
        assert row.sealed[0] == 1
    # Under the account's key, so that it goes with the account.
    company = await house.services.learning._keyring.organization(account.organization_id)
    row = await house.store.model(account.organization_id, account.id)
    with pytest.raises(Exception, match=r"."):
        company.open(43, row.sealed, 0)


async def test_a_message_that_went_before_it_was_learned_is_no_fault(house):
    await deliver(house, message(NEWS, 1))
    await act(
        house,
        "kim",
        "INBOX",
        ("STORE", "1", "+FLAGS", "($Junk)"),
        ("STORE", "1", "+FLAGS", "(\\Deleted)"),
        ("EXPUNGE", "1"),
    )
    assert await house.services.learning.learn() == 1
    assert await house.store.pending_lessons(10) == []


async def test_the_jobs_role_learns_by_itself(house):
    account = house.accounts["kim@a.test"]
    await deliver(house, message(NEWS, 1))
    stopping = asyncio.Event()
    running = asyncio.create_task(Jobs(house.services, "test", first_s=60.0).run(stopping))
    try:
        await act(house, "kim", "INBOX", ("MOVE", "1", "Junk"))
        async with asyncio.timeout(60):  # a quarter of a second on a quiet machine
            while not await house.store.model_versions(account.organization_id, [account.id]):
                await asyncio.sleep(0)
    finally:
        stopping.set()
        await running
    assert await house.store.pending_lessons(10) == []


async def test_a_message_to_several_is_judged_by_what_the_company_holds(house):
    await newest(house, "kim", message(NEWS, 1))
    await act(house, "kim", "INBOX", ("MOVE", "1", "Junk"))
    await house.services.learning.learn()
    await until_fresh(house)
    await deliver(house, message(NEWS, 3), "kim@a.test", "lee@a.test")
    [kims], [lees] = await inspections(house, "kim", "inbox"), await inspections(house, "lee", "inbox")
    assert learned_weight(kims) == learned_weight(lees) < 3


async def test_thresholds_of_a_domain_decide(house):
    for knob in ("spam.junk-score", "spam.quarantine-score", "spam.reject-score"):
        await house.services.governing.set_knob(GOVERNOR, PolicyRule(knob, Scope("domain", "a.test"), 0))
    await deliver(house, message(TRASHY, 900))
    [spam] = await inspections(house, "kim", "inbox")
    assert (spam.act, spam.nature) == ("deliver", "spam")
    assert spam.score >= 6


async def test_two_processes_that_learn_at_once_learn_each_lesson_once(house):
    for number in range(6):
        await deliver(house, message(NEWS, number))
    await act(house, "kim", "INBOX", ("STORE", "1:3", "+FLAGS", "($Junk)"), ("STORE", "4:6", "+FLAGS", "($NotJunk)"))
    first = house.services.learning
    second = LearningService(first._store, first._keyring, first._reader, first._models, first._clock)
    done = 0
    while await house.store.pending_lessons(1):
        done += sum(await asyncio.gather(first.learn(), second.learn(), first.learn()))
    _company, own = await models_of(house, "kim")
    assert (done, own.bad, own.good) == (6, 3, 3)


class Unreadable:
    """A reader whose volume is away."""

    async def tokens(self, *_message):
        raise Unavailable


async def test_a_lesson_whose_message_cannot_be_read_is_dropped_in_the_end(house):
    await deliver(house, message(NEWS, 1))
    await act(house, "kim", "INBOX", ("STORE", "1", "+FLAGS", "($Junk)"))
    own = house.services.learning
    learning = LearningService(own._store, own._keyring, Unreadable(), own._models, own._clock)
    for _ in range(5):
        assert len(await house.store.pending_lessons(10)) == 1
        assert await learning.learn() == 0
    assert await house.store.pending_lessons(10) == []
    company, person = await models_of(house, "kim")
    assert (person.part, company.bad) == ({}, 15)
