"""Quarantine: held mail shows nowhere, is let out once by whoever may, as it came; digests; what time ends."""

import email
import email.policy
import imaplib
import poplib

import msgspec
import pytest
from tests.contract.fake_engines import EICAR, FakeClamd, running
from tests.flows.held import held, judged, letter, put
from tests.flows.house import PASSWORD, open_house
from tests.flows.test_mail_out import inbox, relaying, until

from smartmail.domain.errors import Forbidden, Invalid, NotFound, OverQuota, PolicyRejected, Unavailable
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.queue import QueueFilter
from smartmail.ports.scan import EngineSettings
from smartmail.service.flow.quarantine import Deed
from smartmail.service.flow.quarantine.digest import last_slot, zone_ms
from smartmail.service.flow.queue_control import Marks
from smartmail.service.protection.filtering.lists import own_place
from smartmail.service.protection.filtering.settings import ScanSettings

CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
DAY = 86_400_000


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path) as opened:
        await opened.person("kim@a.example", language="ko")
        await opened.person("lee@a.example", language="en")
        judged(opened)
        yield opened


def actor(house, login):
    account = house.accounts[login]
    return Actor(account.id, account.organization_id, login, False, Origin("jmap"), account.auth_epoch)


async def off(call, *args):
    import asyncio

    return await asyncio.to_thread(call, *args)


def seen_by_programs(house) -> int:
    """Count what IMAP (all mailboxes) and POP3 show."""
    count = 0
    with imaplib.IMAP4("127.0.0.1", house.ports["imap"], timeout=60) as client:
        client.login("kim@a.example", PASSWORD)
        for line in client.list()[1]:
            name = line.split(b' "/" ')[1].decode()
            count += int(client.select(name, readonly=True)[1][0])
    pop = poplib.POP3("127.0.0.1", house.ports["pop3"], timeout=60)
    pop.user("kim@a.example")
    pop.pass_(PASSWORD)
    count += pop.stat()[0]
    pop.quit()
    return count


async def test_held_mail_shows_nowhere_and_is_let_out_for_one_recipient_as_it_came(house):
    sent = letter("spam 당첨")
    accepted = await put(house, sent, "kim@a.example", "lee+x@a.example")
    assert accepted.queued
    assert await off(seen_by_programs, house) == 0
    [item_id] = await held(house, "kim@a.example")
    assert len(await held(house, "lee@a.example")) == 1
    [item] = await house.services.quarantine.own(house.accounts["kim@a.example"].id, [item_id])
    assert (item.author, item.summary.subject, item.inspection.nature) == ("deal@outside.test", "spam 당첨", "spam")
    with pytest.raises(NotFound):
        await house.services.quarantine.release_own(actor(house, "lee@a.example"), item_id)
    async with relaying(house):
        await house.services.quarantine.release_own(actor(house, "kim@a.example"), item_id)
        [kept] = await until(lambda: inbox(house, "kim@a.example"))
    assert kept.endswith(sent)
    assert await held(house, "kim@a.example") == []
    assert len(await held(house, "lee@a.example")) == 1
    assert await inbox(house, "lee@a.example") == []
    with pytest.raises(NotFound):
        await house.services.quarantine.release_own(actor(house, "kim@a.example"), item_id)


async def test_release_learn_and_allow(house):
    await put(house, letter("spam 견적"))
    [item_id] = await held(house, "kim@a.example")
    kim = house.accounts["kim@a.example"]
    await house.services.quarantine.release_own(actor(house, "kim@a.example"), item_id, Deed(learn=True, allow=True))
    [rule] = await house.services.sender_lists.rules(own_place(kim.id))
    assert (rule.subject, rule.row.act, rule.row.kind) == ("deal@outside.test", "allow", "address")
    assert (await house.services.learning.stats(kim.organization_id))["good"] == 1


async def test_only_an_administrator_with_open_eyes_lets_malware_out(house):
    await put(house, letter("malware x"))
    await put(house, letter("phishing x"))
    service, kim = house.services.quarantine, actor(house, "kim@a.example")
    phishing, malware = await held(house, "kim@a.example")
    for one in (phishing, malware):
        with pytest.raises(Forbidden):
            await service.release_own(kim, one)
        with pytest.raises(Forbidden):
            await service.linked(one)
        with pytest.raises(Forbidden):
            await service.release(kim, one, Deed(reason="please"))
    with pytest.raises(Invalid):
        await service.release(CLI, malware, Deed(dangerous=True))
    with pytest.raises(PolicyRejected):
        await service.release(CLI, malware, Deed(reason="false alarm"))
    await service.release(CLI, phishing, Deed(reason="a drill"))
    await service.release(CLI, malware, Deed(reason="false alarm", dangerous=True, allow=True))
    assert await held(house, "kim@a.example") == []
    # Nobody who sends malware is allowed by it.
    assert await house.services.sender_lists.rules(own_place(kim.account_id)) == []
    history = [(record.action, record.actor, why) for record, why in await service.history(10)]
    assert history == [("quarantine.release", "cli", "false alarm"), ("quarantine.release", "cli", "a drill")]


async def test_a_release_passes_the_engines_of_today(house):
    await put(house, letter("spam x", body=EICAR.decode()))
    [item_id] = await held(house, "kim@a.example")
    service, kim = house.services.quarantine, actor(house, "kim@a.example")
    engine = FakeClamd()
    async with running(engine):
        settings = ScanSettings(engines=(EngineSettings("clam", "clamd", f"127.0.0.1:{engine.port}", seconds=2),))
        await house.store.put_setting("filter", "scan", msgspec.json.encode(settings).decode())
        house.services.scanning._configuration._read_at = None
        with pytest.raises(PolicyRejected):
            await service.release_own(kim, item_id)
    with pytest.raises(Unavailable):  # the engine that must scan is away
        await service.release_own(kim, item_id)
    assert await held(house, "kim@a.example") == [item_id]


async def test_policy_may_leave_releases_to_administrators(house):
    await put(house, letter("spam x"))
    [item_id] = await held(house, "kim@a.example")
    await set_knob(house, "quarantine.release", False)
    with pytest.raises(Forbidden):
        await house.services.quarantine.release_own(actor(house, "kim@a.example"), item_id)
    await house.services.quarantine.release(CLI, item_id, Deed(reason="asked by phone"))
    assert await held(house, "kim@a.example") == []


async def set_knob(house, name, value):
    await house.services.governing.set_knob(CLI, PolicyRule(name, Scope("system"), value))


async def test_what_has_lain_for_its_days_is_deleted(house, monkeypatch):
    await put(house, letter("spam one"))
    await put(house, letter("spam two"), "kim@a.example", "lee@a.example")
    service = house.services.quarantine
    assert await service.purge() == 0
    now = service._clock.now
    house.clock.now = lambda: now() + 29 * DAY
    service._clock = house.clock
    assert await service.purge() == 0
    house.clock.now = lambda: now() + 31 * DAY
    assert await service.purge() == 3
    assert await held(house, "kim@a.example") == []
    assert await house.store.queue_entries(10) == []


async def test_the_queues_own_release_leaves_quarantine_alone(house):
    await put(house, letter("malware x"))
    control = house.services.queue_control
    for marks in (Marks(), Marks(QueueFilter(hold_reason="quarantine"))):
        for dry_run in (True, False):
            assert (await control.act(CLI, "release", marks, dry_run=dry_run)).recipients == 0
    assert len(await held(house, "kim@a.example")) == 1


async def test_nothing_is_let_out_into_a_full_mailbox(house):
    await put(house, letter("spam x"))
    [item_id] = await held(house, "kim@a.example")
    kim = house.accounts["kim@a.example"]
    await house.store.update_account(kim.id, quota=10)
    with pytest.raises(OverQuota):
        await house.services.quarantine.release_own(actor(house, "kim@a.example"), item_id)
    assert await held(house, "kim@a.example") == [item_id]


async def test_deleting_is_for_one_recipient(house):
    await put(house, letter("spam x"), "kim@a.example", "lee@a.example")
    [mine] = await held(house, "kim@a.example")
    await house.services.quarantine.delete_own(actor(house, "kim@a.example"), mine)
    assert await held(house, "kim@a.example") == []
    assert len(await held(house, "lee@a.example")) == 1


async def digest_of(house, login):
    async def came():
        return [one for one in await inbox(house, login) if b"Auto-Submitted" in one]

    [octets] = await until(came)
    return email.message_from_bytes(octets, policy=email.policy.default)


async def at_the_hour(house, hour_ms: int = 3_600_000):
    """Move the digests' clock to after the next hour of all."""
    await set_knob(house, "digest.hours", tuple(f"{hour:02}" for hour in range(24)))
    now = type(house.clock).now
    digests = house.services.digests

    class Later:
        def __getattr__(self, name):
            return getattr(house.clock, name)

        def now(self):
            return now(house.clock) + hour_ms

    digests._clock = Later()
    return digests


async def test_a_digest_tells_once_what_is_new_in_the_readers_language(house):
    await put(house, letter("spam <b>당첨</b>"), "kim@a.example", "lee@a.example")
    await put(house, letter("malware y"))
    digests = await at_the_hour(house)
    digests.site = "https://mail.a.example"
    async with relaying(house):
        assert await digests.send_due() == 2
        korean, english = await digest_of(house, "kim@a.example"), await digest_of(house, "lee@a.example")
        assert await digests.send_due() == 0
    assert korean["subject"] == "격리된 메일 2통이 있습니다"
    assert english["subject"] == "Held in your quarantine: 1"
    text = korean.get_body(("plain",)).get_content()
    html = korean.get_body(("html",)).get_content()
    assert "deal@outside.test" in text and "관리자만" in text
    assert "<b>당첨" not in html and "&lt;b&gt;당첨" in html
    # Three links for the spam, none for the malware.
    assert html.count("https://mail.a.example/quarantine/") == 3
    assert await house.services.digests._store.quarantine_told(house.accounts["kim@a.example"].id)


async def test_no_digest_before_its_hour_or_where_policy_wants_none(house):
    await put(house, letter("spam x"))
    digests = await at_the_hour(house, 0)
    assert await digests.send_due() == 0
    digests = await at_the_hour(house)
    await set_knob(house, "digest.sent", False)
    assert await digests.send_due() == 0
    assert await house.store.quarantine_newest() != {}


@pytest.mark.parametrize(
    ("hours", "zone", "before"),
    [
        # 2026-11-26 00:30 UTC is 09:30 in Seoul and 19:30 of the day before in New York.
        (("09",), "+09:00", 30), (("10",), "+09:00", 23 * 60 + 30), (("00", "18"), "-05:00", 90), (("00",), "+00:00", 30),
    ],
)  # fmt: skip
def test_the_last_hour_of_a_digest(hours, zone, before):
    now = 1_795_653_000_000
    assert last_slot(now, hours, zone_ms(zone)) == now - before * 60_000
