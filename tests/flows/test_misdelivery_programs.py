"""A letter of a mail program to doubted recipients waits for its sender: who sends it, sends it without them, or takes it back."""

import asyncio
import email
import email.policy

import pytest
from tests.flows.house import open_house
from tests.flows.test_big_attachments import leaving, submit
from tests.flows.test_misdelivery import taught

from smartmail.domain.errors import AlreadyExists, Invalid, NotFound, PolicyRejected
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.submission_request import Request

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
KIM, PARK, WRONG = "kim@a.example", "ys.park@hanbit-elec.example", "ys.park@hanbit-elcc.example"
OTHER = "choi@other.example"
HOUR = 3_600_000
CROWD = [f"a@company{at}.example" for at in range(9)]


def letter(*to: str, subject: str = "Quotation", extra: str = "") -> bytes:
    return (
        f"From: {KIM}\r\nTo: {', '.join(to)}\r\nSubject: {subject}\r\nMessage-ID: <{subject}@a.example>\r\n{extra}\r\nhello\r\n"
    ).encode()


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person(KIM)
        await opened.person("boss@a.example", is_admin=True)
        yield opened


@pytest.fixture
async def habits(house):
    """Twenty letters to Park."""
    for at in range(20):
        await submit(house, letter(PARK, subject=f"Usual{at}"), PARK)
        await taught(house, at + 1)
    return house


def actor(house, login: str = KIM) -> Actor:
    account = house.accounts[login]
    return Actor(account.id, account.organization_id, login, account.is_admin, Origin("web"))


def approvals(house):
    return house.services.addressing.approvals


async def asked(house):
    return await approvals(house).inbox(actor(house))


async def waits(house) -> set[tuple[str, str]]:
    """Return (subject-less) address and state of whom kim's letters are on their way to."""
    found = set()
    for entry, rows in await house.store.queue_entries(1000):
        if entry.account_id is not None:
            keys = await house.services.queue._keyring.queue(entry.organization_id)
            from smartmail.service.kernel.envelope import open_recipient

            found |= {(open_recipient(keys, row).address, row.state) for row in rows}
    return found


async def notices(house) -> list[email.message.EmailMessage]:
    """Return the house's letters to kim."""
    return [mail for named, mail in (await leaving(house)).items() if named == (KIM,)]


async def letters_known(house) -> int:
    row = await house.store.correspondence.of_account(house.accounts[KIM].id)
    return 0 if row is None else row.letters


async def test_a_letter_to_a_domain_like_the_usual_one_waits_and_its_sender_is_told_why(habits):
    await submit(habits, letter(WRONG, OTHER), WRONG, OTHER)
    assert {(WRONG, "held"), (OTHER, "held")} <= await waits(habits)
    [one] = await asked(habits)
    assert (one.row.kind, one.text.subject) == ("misdelivery", "Quotation")
    assert ("domain", WRONG, "hanbit-elec.example") in {
        (each.kind, each.address, each.instead) for each in one.text.doubts
    }
    [told] = await notices(habits)
    text = told.get_content()
    assert f"#/approvals/{one.row.entry_id:x}" in text and WRONG in text and "hanbit-elec.example" in text


async def test_it_is_sent_as_it_is_once_however_often_the_key_is_pressed(habits):
    await submit(habits, letter(WRONG), WRONG)
    [one] = await asked(habits)

    async def send() -> None:
        await approvals(habits).decide(actor(habits), one.row.id, approve=True, digest=one.row.digest, step=0)

    await asyncio.gather(send(), send(), send())
    await send()
    assert (WRONG, "ready") in await waits(habits)
    assert await asked(habits) == []
    acts = [each.act for each in await habits.store.approving.acts([one.row.id])]
    assert acts == ["ask", "approve"]
    assert await letters_known(habits) == 21, "one answer is one lesson"


async def test_who_is_taken_off_gets_nothing_and_the_others_do(habits):
    await submit(habits, letter(WRONG, OTHER), WRONG, OTHER)
    [one] = await asked(habits)
    await approvals(habits).decide(actor(habits), one.row.id, approve=True, step=0, without=[WRONG])
    found = await waits(habits)
    assert (OTHER, "ready") in found
    assert not any(address == WRONG for address, _ in found)
    await submit(habits, letter(WRONG), WRONG)
    assert len(await asked(habits)) == 1, "who was taken off was not learnt"


async def test_a_letter_that_nobody_would_get_is_not_sent(habits):
    await submit(habits, letter(WRONG), WRONG)
    [one] = await asked(habits)
    with pytest.raises(Invalid):
        await approvals(habits).decide(actor(habits), one.row.id, approve=True, step=0, without=[WRONG])
    assert (WRONG, "held") in await waits(habits)


@pytest.mark.parametrize("way", ["withdraw", "no"])
async def test_it_is_taken_back_and_cannot_be_sent_after(habits, way):
    await submit(habits, letter(WRONG), WRONG)
    [one] = await asked(habits)
    service = approvals(habits)
    if way == "withdraw":
        await service.withdraw(actor(habits), one.row.id)
    else:
        await service.decide(actor(habits), one.row.id, approve=False, step=0)
    assert not any(address == WRONG for address, _ in await waits(habits))
    with pytest.raises(AlreadyExists):
        await service.decide(actor(habits), one.row.id, approve=True, step=0)
    assert await letters_known(habits) == 20, "what was taken back teaches nothing"


async def test_after_its_time_it_comes_back_whole_and_is_not_sent(habits):
    await submit(habits, letter(WRONG, extra="X-Mine: yes\r\n"), WRONG)
    [one] = await asked(habits)
    habits.clock.go(24 * HOUR)
    jobs = {job.name: job.work for job in habits.services.jobs}
    await jobs["approvals"]()
    await jobs["approvals"]()
    assert not any(address == WRONG for address, _ in await waits(habits))
    back = [mail for mail in await notices(habits) if mail.is_multipart()]
    [returned] = [part.get_payload(0) for part in back[0].walk() if part.get_content_type() == "message/rfc822"]
    assert len(back) == 1
    assert (returned["Subject"], returned["X-Mine"], returned.get_content().strip()) == ("Quotation", "yes", "hello")


async def test_policy_says_how_long(habits):
    rule = PolicyRule("misdelivery.wait-hours", Scope("account", str(habits.accounts[KIM].id)), 3)
    await habits.services.governing.set_knob(CLI, rule)
    await submit(habits, letter(WRONG), WRONG)
    [one] = await asked(habits)
    assert one.row.expires_at - one.row.asked_at == 3 * HOUR


@pytest.mark.parametrize(("knob", "value"), [("misdelivery.programs", "off"), ("misdelivery.guard", "off")])
async def test_policy_asks_nobody(habits, knob, value):
    await habits.services.governing.set_knob(CLI, PolicyRule(knob, Scope("system"), value))
    await submit(habits, letter(WRONG), WRONG)
    assert (WRONG, "ready") in await waits(habits)


async def test_mail_made_by_a_program_is_not_asked_about(habits):
    await submit(habits, letter(WRONG, extra="Auto-Submitted: auto-generated\r\n"), WRONG)
    assert (WRONG, "ready") in await waits(habits)


async def test_who_acts_for_the_sender_and_administrators_are_not_told_the_reasons(habits):
    lee = await habits.person("lee@a.example")
    now = habits.clock.now()
    await approvals(habits).deputies.name(actor(habits), lee.id, now, now + HOUR)
    await submit(habits, letter(WRONG), WRONG)
    [one] = await asked(habits)
    service, deputy = approvals(habits), actor(habits, "lee@a.example")
    assert await service.inbox(deputy) == []
    assert (await service.count(deputy)).to_decide == 0
    assert (await service.count(actor(habits))).to_decide == 1
    with pytest.raises(NotFound):
        await service.reading.read(deputy, one.row.id)
    assert (await service.reading.read(actor(habits), one.row.id)).recipients == (WRONG,)
    assert len(await notices(habits)) == 1 and not [
        named for named in await leaving(habits) if "boss@a.example" in named
    ]


async def test_a_letter_that_needs_an_approval_too_goes_to_the_approvers_after_its_sender(habits):
    await habits.services.governing.set_knob(CLI, PolicyRule("message.max-outside", Scope("system"), 1))
    await habits.services.governing.set_knob(CLI, PolicyRule("outside.over", Scope("system"), "approval"))
    await submit(habits, letter(WRONG, OTHER), WRONG, OTHER)
    boss = actor(habits, "boss@a.example")
    [one] = await asked(habits)
    assert (one.row.kind, len(one.line.steps)) == ("limit", 2)
    assert await approvals(habits).inbox(boss) == []
    await approvals(habits).decide(actor(habits), one.row.id, approve=True, step=0, without=[WRONG])
    assert (OTHER, "held") in await waits(habits)
    [mine] = await approvals(habits).inbox(boss)
    await approvals(habits).decide(boss, mine.row.id, approve=True, step=1)
    assert {one for one in await waits(habits) if one[0] in {WRONG, OTHER}} == {(OTHER, "ready")}


@pytest.mark.parametrize(("ask", "state"), [(True, "held"), (False, "ready")])
async def test_a_client_of_jmap_that_did_not_ask_has_its_letter_held(habits, ask, state):
    who = actor(habits)
    octets = letter(WRONG)
    box = await habits.services.mailboxes.by_role(who, who.account_id, "drafts")
    intake = await habits.services.messages.begin(who, who.account_id, len(octets))
    await intake.feed(octets)
    added = await habits.services.messages.add(who, who.account_id, await intake.finish(), [box.row.id])
    [identity, *_] = await habits.services.identities.list_all(who, who.account_id)
    row = await habits.services.submissions.submit(
        who, who.account_id, Request(identity.row.id, added.message_id, ask=ask)
    )
    assert (WRONG, state) in await waits(habits)
    assert row.undo_status == ("pending" if ask else "final")
    if ask:
        assert await habits.services.submissions.cancel(who, who.account_id, row.id)
        assert await asked(habits) == [] and not any(address == WRONG for address, _ in await waits(habits))


async def test_a_mailing_sent_one_by_one_is_no_pile_of_questions(habits, monkeypatch):
    monkeypatch.setattr("smartmail.service.flow.misdelivery.programs.MOST_WAITING", 2)
    for at in range(3):
        await submit(habits, letter(WRONG, subject=f"Offer{at}"), WRONG)
    assert sorted(state for address, state in await waits(habits) if address == WRONG) == ["held", "ready"]
    assert len(await asked(habits)) == 2


async def test_who_is_named_in_the_header_alone_is_not_asked_about(habits):
    await submit(habits, letter(WRONG), PARK)
    assert await asked(habits) == []


async def test_who_may_not_send_any_more_lets_nothing_go_and_may_take_it_back(habits):
    await submit(habits, letter(WRONG), WRONG)
    [one] = await asked(habits)
    kim = habits.accounts[KIM]
    await habits.services.defence.parts.sending.stop(kim.id, "stolen", {}, "cli")
    with pytest.raises(PolicyRejected):
        await approvals(habits).decide(actor(habits), one.row.id, approve=True, step=0)
    assert (WRONG, "held") in await waits(habits)
    await approvals(habits).withdraw(actor(habits), one.row.id)
    assert await asked(habits) == []
