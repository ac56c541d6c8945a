"""Mail that waits for an approval and leaves as secure mail: whoever ends the hold, nobody outside gets the letter itself, once only
comes the notice, and who decides reads the letter and how it will leave.
"""

import asyncio
import email
import email.policy
import re
from collections import Counter

import pytest
from tests.flows.approval_house import approval_house
from tests.flows.securing_child import TO
from tests.flows.test_big_attachments import submit
from tests.flows.test_footers import by_jmap
from tests.flows.test_leaks import CLEAN, NUMBER, SECRET, house, rule
from tests.flows.test_secure_mail import leaving, opened, set_knob, text_of, token_in
from tests.house.child import start

from smartmail.domain.errors import AlreadyExists, Unavailable
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.queue import FINAL_STATES
from smartmail.service.flow.queue import LEASE, Outcome
from smartmail.service.kernel import envelope as sealed
from smartmail.service.kernel.envelope import Result
from smartmail.service.mailbox.secure_mail import SecureOptions

__all__ = ["house"]
DOORS = pytest.mark.parametrize("door", [submit, by_jmap])


def actor(house, login: str) -> Actor:
    account = house.accounts[login]
    return Actor(account.id, account.organization_id, login, account.is_admin, Origin("web", "10.0.0.1"))


async def approve(house):
    """Let an administrator approve what waits; return it."""
    await house.person("boss@a.example", is_admin=True)
    approvals = house.services.addressing.approvals
    [asked] = await approvals.list_all("waiting", house.accounts["kim@a.example"].organization_id)
    boss = actor(house, "boss@a.example")
    answers = await asyncio.gather(
        *(approvals.decide(boss, asked.row.id, approve=True, digest=asked.row.digest) for _ in range(3)),
        return_exceptions=True,
    )
    assert all(not isinstance(one, BaseException) or isinstance(one, AlreadyExists) for one in answers), answers
    return asked


def is_outside(_lane: int, domain: str) -> bool:
    return domain.endswith("b.example")


async def turns(house, count: int = 3) -> None:
    for _ in range(count):
        await house.services.queue.lease("test", limit=100, admit=is_outside)


async def outside(house) -> dict[str, email.message.EmailMessage]:
    """Return what still waits for people outside, by address: one message for each."""
    found = {}
    for entry, rows in await house.store.queue_entries(100):
        keys = await house.services.queue._keyring.queue(entry.organization_id)
        key = keys.unwrap(entry.blob.id, entry.wrapped_key)
        octets = await house.services.secure_mail.opening._blobs.read(entry.blob, entry.organization_id, key)
        for row in rows:
            address = sealed.open_recipient(keys, row).address
            if row.state not in FINAL_STATES and address.endswith("b.example"):
                assert address not in found
                found[address] = email.message_from_bytes(octets, policy=email.policy.default)
    return found


@DOORS
@pytest.mark.parametrize("actions", [("secure", "approve"), ("approve",)])
async def test_what_was_held_leaves_as_secure_mail_and_nothing_else(house, door, actions):
    """A rule that wants both, and a rule that holds what its sender chose as secure mail."""
    await rule(house, *actions)
    await set_knob(house, "secure-mail.proof", "link")
    octets = SECRET if "secure" in actions else SECRET.replace(b"Subject: hi", b"Subject: [secure] hi")
    await door(house, octets, "x@b.example", "y@b.example", "lee@a.example")
    await turns(house)
    waiting = await outside(house)
    assert len(waiting) == 2 and all(NUMBER in one.get_content() for one in waiting.values()), "it waits as it is"
    assert await house.services.secure_mail.console.list_all(actor(house, "kim@a.example")) == []
    asked = await approve(house)
    assert asked.text.secure, "who decides is told that it leaves as secure mail"
    await turns(house)
    out = await outside(house)
    assert set(out) == {"x@b.example", "y@b.example"}
    for address, mail in out.items():
        assert mail["to"] == address and NUMBER not in mail.get_content() and "hi" not in mail["subject"].split()
        assert NUMBER in await text_of(house, await opened(house, token_in(mail)))
    [told] = await house.services.secure_mail.console.list_all(actor(house, "kim@a.example"))
    assert told.letter.text.subject == "hi" and len(told.tickets) == 2
    works = await house.services.queue.lease("inside", limit=100)
    [work] = [one for one in works if one.recipients[0][1].address == "lee@a.example"]
    assert NUMBER.encode() in await house.services.queue.octets(work, 0, 10_000), "inside the letter comes"


@DOORS
async def test_what_nobody_wants_as_secure_mail_leaves_as_it_is(house, door):
    await rule(house, "approve")
    await door(house, SECRET, "x@b.example")
    assert not (await approve(house)).text.secure
    await turns(house)
    [mail] = (await outside(house)).values()
    assert NUMBER in mail.get_content()


async def test_a_limit_that_holds_lets_secure_mail_wait(house):
    await set_knob(house, "message.max-outside", 1)
    await set_knob(house, "outside.over", "approval")
    await submit(house, CLEAN.replace(b"Subject: hi", b"Subject: [secure] hi"), "x@b.example", "y@b.example")
    assert (await approve(house)).text.secure
    await turns(house)
    assert all("/secure/" in mail.get_content() for mail in (await outside(house)).values())


async def test_what_cannot_become_secure_mail_is_put_off_and_never_leaves_as_it_is(house, monkeypatch):
    await rule(house, "secure", "approve")
    await submit(house, SECRET, "x@b.example")
    await approve(house)

    async def full(*_values, **_named):
        raise Unavailable("no room")

    with monkeypatch.context() as patched:
        patched.setattr(house.services.secure_mail.letters, "_copied", full)
        assert await house.services.queue.lease("test", limit=100, admit=is_outside) == []
    house.clock.go(3_600_000)
    await turns(house)
    [mail] = (await outside(house)).values()
    assert NUMBER not in mail.get_content() and "/secure/" in mail.get_content()


async def test_a_made_password_is_told_to_the_sender_when_it_leaves(house):
    await rule(house, "secure", "approve")
    await set_knob(house, "secure-mail.proof", "password")
    await submit(house, SECRET, "x@b.example")

    async def passwords() -> int:
        told = (mail.get_content() for mail in (await leaving(house)).values())
        return sum(re.search(r"비밀번호는 \w{10}입니다", one) is not None for one in told)

    assert await passwords() == 0
    await approve(house)
    await turns(house)
    assert await passwords() == 1


# A real crash: what a process had committed is all there is.


async def go_on(office) -> Counter[tuple[int, str]]:
    """Let leases of who is dead end, and deliver all that is due; return what came to whom: the number of an entry that waited, and
    the address to which the notice of its letter came. Nothing comes outside that is no notice.
    """
    house, came = office.house, Counter[tuple[int, str]]()
    for _ in range(4):
        house.clock.ahead += LEASE + 1000
        while works := await house.services.queue.lease("later", limit=1000):
            for work in works:
                done = [Outcome(row.number, "delivered", Result(250, "2.0.0", "ok")) for row, _ in work.recipients]
                for _row, one in work.recipients:
                    if one.address in TO:
                        ticket = await house.store.secure_mail.ticket(work.envelope.notice)
                        came[int.from_bytes(ticket.letter_id), one.address] += 1
                await house.services.queue.report("later", work, done)
    assert await house.store.queue_entries(10) == []
    return came


async def expected(office, numbers) -> Counter[tuple[int, str]]:
    """Return what is to come of approvals: to each person outside one notice of each."""
    rows = [await office.house.store.approving.one(number) for number in numbers]
    return Counter((row.entry_id, address) for row in rows for address in TO)


@pytest.mark.parametrize("after", [0, 1, 2, 5])
async def test_killed_between_approval_and_queueing(tmp_path, after):
    directory = tmp_path / "house"
    child = start("tests.flows.securing_child", str(directory))
    try:
        numbers = [int(one) for one in child.stdout.readline().split()]
        for _ in range(after):
            assert child.stdout.readline()
    finally:
        child.kill()
    async with approval_house(directory) as office:
        for number in numbers:
            await office.approvals.decide(office.actor("lee"), number, approve=True)
        assert await go_on(office) == await expected(office, numbers)
        letters = await office.house.services.secure_mail.console.list_all(office.actor("kim"))
        assert len(letters) == len(numbers)


@pytest.mark.parametrize("step", ["letter", "notice", "report"])
async def test_a_crash_at_any_step_makes_no_second_letter(tmp_path, step, monkeypatch):
    async with approval_house(tmp_path / "house") as office:
        await office.line()
        number = await office.ask(to=TO, secure=SecureOptions())
        await office.approvals.decide(office.actor("lee"), number, approve=True)
        store, letters = office.house.store, office.house.services.secure_mail.letters
        holder, name = {
            "letter": (store.secure_mail, "add"), "notice": (letters, "notice"), "report": (store, "report"),
        }[step]  # fmt: skip
        real = getattr(holder, name)

        async def crash(*values, **named):
            await (real(*values, **named) if step == "letter" else asyncio.sleep(0))
            raise OSError("killed")

        with monkeypatch.context() as patched:
            patched.setattr(holder, name, crash)
            with pytest.raises(OSError, match="killed"):
                await office.house.services.queue.lease("first", limit=100)
        assert await go_on(office) == await expected(office, [number])
        assert len(await office.house.services.secure_mail.console.list_all(office.actor("kim"))) == 1


async def test_two_workers_at_once_make_one(tmp_path):
    async with approval_house(tmp_path / "house") as office:
        await office.line()
        number = await office.ask(to=TO, secure=SecureOptions())
        await office.approvals.decide(office.actor("lee"), number, approve=True)
        lease = office.house.services.queue.lease
        await asyncio.gather(*(lease(f"w{one}", limit=1) for one in range(4)))
        assert await go_on(office) == await expected(office, [number])
        assert len(await office.house.services.secure_mail.console.list_all(office.actor("kim"))) == 1


async def test_of_a_letter_that_its_sender_recalled_no_further_notice_goes(tmp_path):
    async with approval_house(tmp_path / "house") as office:
        await office.line()
        number = await office.ask(to=TO, secure=SecureOptions())
        await office.approvals.decide(office.actor("lee"), number, approve=True)
        await office.house.services.queue.lease("first", limit=1)
        console = office.house.services.secure_mail.console
        [told] = await console.list_all(office.actor("kim"))
        await console.recall(office.actor("kim"), told.letter.row.id)
        assert sum((await go_on(office)).values()) == 1
