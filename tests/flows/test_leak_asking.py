"""A mail that leak prevention holds and the question about it: both are there, or neither, whatever is decided or killed between."""

import pytest
from tests.flows.house import open_house
from tests.flows.test_aliases import CLI
from tests.house.child import start

from smartmail.domain.errors import Invalid, Unavailable
from smartmail.domain.leaks import LeakAction, LeakRule
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.submission_request import Request

KIM, PARK = "kim@a.example", "park@b.example"
LETTER = (
    f"From: {KIM}\r\nTo: {PARK}\r\nSubject: hi\r\nMessage-ID: <1@a.example>\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\n주민등록번호 900101-1234568\r\n"
).encode()


async def hold_numbers(house) -> None:
    """Have mail with a resident number wait for an approval."""
    number = {"fact": "finding", "in": ["kr.rrn"]}
    rule = LeakRule(Scope("system"), "주민번호", number, (LeakAction("approve"),), stage="on")
    await house.services.leaks.rules.new(CLI, rule)


async def submit(house, along=None):
    """Send the letter as kim by JMAP."""
    account = house.accounts[KIM]
    who = Actor(account.id, account.organization_id, KIM, False, Origin("jmap"))
    box = await house.services.mailboxes.by_role(who, account.id, "drafts")
    intake = await house.services.messages.begin(who, account.id, len(LETTER))
    await intake.feed(LETTER)
    added = await house.services.messages.add(who, account.id, await intake.finish(), [box.row.id])
    [identity, *_] = await house.services.identities.list_all(who, account.id)
    request = Request(identity.row.id, added.message_id)
    return await house.services.submissions.submit(who, account.id, request, along)


async def held(house) -> set[int]:
    """Return the mails in the queue that wait for an approval."""
    return {
        int(entry.id)
        for entry, rows in await house.store.queue_entries(1000)
        if any(one.hold_reason == "approval" for one in rows)
    }


async def asked(house) -> dict[int, int]:
    """Return the open questions by the mail that they are about."""
    return {int(one.row.entry_id): one.row.id for one in await house.services.addressing.approvals.list_all()}


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person(KIM)
        await hold_numbers(opened)
        yield opened


async def test_nobody_is_asked_before_the_mail_is_in_the_queue(house):
    """A decision taken in that moment would be about nothing, and the mail would wait for ever."""
    seen = []

    async def look(tx) -> None:
        seen.append((await asked(house), await held(house)))

    row = await submit(house, look)
    assert seen == [({}, set())]
    assert await held(house) == set(await asked(house)) == {int(row.queue_id)}
    [number] = (await asked(house)).values()
    await house.services.addressing.approvals.decide(CLI, number, approve=True)
    assert (await held(house), await asked(house)) == (set(), {})


@pytest.mark.parametrize("error", [Invalid("no"), Unavailable("no")])
async def test_what_fails_with_the_mail_leaves_no_question(house, error):
    async def fail(tx) -> None:
        raise error

    with pytest.raises(type(error)):
        await submit(house, fail)
    assert (await held(house), await asked(house)) == (set(), {})


@pytest.mark.parametrize("after", [0, 2, 5])
async def test_killed_while_mail_is_held_and_decided(tmp_path, after):
    """The child sends and approves in turn; wherever it dies, what is held can be decided, and what is decided is not held."""
    child = start("tests.flows.asking_child", str(tmp_path))
    try:
        assert child.stdout.readline()
        for _ in range(after):
            assert child.stdout.readline()
    finally:
        child.kill()
        child.wait()
    async with open_house(tmp_path) as house:
        questions = await asked(house)
        assert await held(house) == set(questions)
        for number in questions.values():
            await house.services.addressing.approvals.decide(CLI, number, approve=True)
        assert (await held(house), await asked(house)) == (set(), {})
        kim = (await house.store.resolve([KIM]))[KIM]
        sent = {int(one.queue_id) for one in await house.store.submissions(kim, None)}
        there = {int(one.id) for one, _ in await house.store.queue_entries(1000)}
        assert len(sent) >= after
        assert sent <= there, "what was approved is sent, once"
