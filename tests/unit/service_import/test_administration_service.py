"""What administrators do to accounts, domains and the queue."""

import pytest
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.domain.errors import AlreadyExists, AuthFailed, Forbidden, Invalid, NotFound
from smartmail.domain.ids import QueueEntryId
from smartmail.domain.principal import SYSTEM_ORIGIN
from smartmail.domain.queue import QueueFilter
from smartmail.service.flow.queue_control import Marks
from smartmail.service.kernel.envelope import Envelope, Recipient, new_entry

PASSWORD = "correct horse"


@pytest.fixture
async def house(tmp_path):
    async with quiet_house(tmp_path / "data") as opened:
        opened.admin = await opened.person("admin@a.example", is_admin=True)
        yield opened


@pytest.fixture
def administration(house):
    return house.services.administration


async def test_closing_ends_logins_and_mail_and_can_be_undone(house, administration):
    kim = await house.person("kim@a.example")
    await administration.set_password(house.admin, kim.account_id, PASSWORD)
    actor = await house.services.auth.login("kim@a.example", PASSWORD, SYSTEM_ORIGIN)
    await administration.close(house.admin, kim.account_id)
    with pytest.raises(AuthFailed):
        await house.services.auth.login("kim@a.example", PASSWORD, SYSTEM_ORIGIN)
    assert not await house.services.auth.still_valid(actor)
    assert (await house.services.directory.resolve("kim@a.example")).account_id is None
    await administration.reopen(house.admin, kim.account_id)
    assert (await house.services.auth.login("kim@a.example", PASSWORD, SYSTEM_ORIGIN)).account_id == kim.account_id


async def test_the_last_administrator_stays(house, administration):
    with pytest.raises(Forbidden):
        await administration.close(house.admin, house.admin.account_id)
    await house.person("second@a.example", is_admin=True)
    assert (await administration.close(house.admin, house.admin.account_id)).state == "closed"


async def test_quota_is_set_and_lifted(house, administration):
    kim = await house.person("kim@a.example")
    assert (await administration.set_quota(house.admin, kim.account_id, 1000)).quota == 1000
    assert (await administration.set_quota(house.admin, kim.account_id, None)).quota is None
    with pytest.raises(Invalid):
        await administration.set_quota(house.admin, kim.account_id, 0)


async def test_aliases_reach_the_account_and_stay_in_the_house(house, administration):
    kim = await house.person("kim@a.example")
    assert await administration.add_alias(house.admin, kim.account_id, "Min.Soo@A.example") == "min.soo@a.example"
    assert (await house.services.directory.resolve("min.soo@a.example")).account_id == kim.account_id
    with pytest.raises(AlreadyExists):
        await administration.add_alias(house.admin, kim.account_id, "admin@a.example")
    with pytest.raises(NotFound):
        await administration.add_alias(house.admin, kim.account_id, "kim@elsewhere.example")
    with pytest.raises(Invalid):
        await administration.add_alias(house.admin, kim.account_id, "kim")


async def test_a_setup_link_works_once(house, administration):
    kim = await house.person("kim@a.example")
    token = await administration.setup_link(house.admin, kim.account_id)
    assert await house.services.auth.use_setup_link(token, PASSWORD) == kim.account_id
    with pytest.raises(AuthFailed):
        await house.services.auth.use_setup_link(token, PASSWORD)


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
async def test_a_dkim_record_is_shown_again_as_it_was_made(administration, house, kind):
    domain = await administration.domain("A.Example.")
    made = await administration.create_dkim(house.admin, domain, "s2024", kind)
    assert made.name == "s2024._domainkey.a.example"
    assert made.text.startswith("v=DKIM1;")
    assert await administration.dkim_records(domain) == [made]
    with pytest.raises(Invalid):
        await administration.create_dkim(house.admin, domain, "s2024", kind)


async def enqueue(house, entry_id, *, due_in=0):
    organization_id = house.admin.organization_id
    keys = await house.services.queue._keyring.queue(organization_id)
    blob = await house.services.queue._blobs.store(organization_id, b"Subject: x\r\n\r\n")
    now = house.clock.now()
    entry = new_entry(
        keys, QueueEntryId(entry_id), blob.row, blob.data_key, Envelope("kim@a.example"),
        [Recipient("lee@b.example"), Recipient("park@c.example")], created_at=now, expires_at=now + 10**9,
        next_at=now + due_in,
    )  # fmt: skip
    await house.store.enqueue(entry)


async def test_waiting_entries_are_tried_now(house):
    await enqueue(house, 1, due_in=3_600_000)
    await enqueue(house, 2)
    # What is due stands in line already; the other one is the next to come.
    assert 3_500 < await house.services.queue.seconds_to_next() <= 3_600
    house.bus.heard.clear()
    done = await house.services.queue_control.act(
        house.admin, "retry", Marks(QueueFilter(entries=(QueueEntryId(1), QueueEntryId(99))))
    )
    assert done.recipients == 2
    assert ("queue", "") in house.bus.heard
    # Both stand in line now; the second is for the same person and goes after the first.
    assert await house.services.queue.seconds_to_next() is None
    works = await house.services.queue.lease("w", limit=10, busy={})
    assert [(one.lease.entry.id, one.domain) for one in works] == [(1, "b.example"), (1, "c.example")]
