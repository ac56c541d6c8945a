"""Audit chains on both drivers: what is changed, removed or put in another order afterwards is found and named."""

import asyncio
import io
import json

import apsw
import asyncpg
import pytest
from tests.contract.fake_keys import FakeKeys
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench

from smartmail.base import log
from smartmail.domain.account import DomainRow, Hold, LoginAttempt
from smartmail.domain.audit import (
    INSTALLATION,
    NO_FACTS,
    AuditAnchor,
    AuditHead,
    AuditLink,
    AuditQuery,
    AuditRecord,
    AuditRow,
)
from smartmail.domain.errors import Forbidden, StateMismatch
from smartmail.domain.ids import AccountId, MessageId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.formats import audit_chain
from smartmail.ports.anchors import NoAnchorPlace, NoHeadPlace
from smartmail.service.kernel.audit import AuditService
from smartmail.service.kernel.audit.anchoring import AnchorReader
from smartmail.service.kernel.audit.chaining import ANCHOR_EVERY
from smartmail.service.kernel.audit.links import LinkMaker, canonical
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import PolicyService


class Clock:
    def __init__(self, now):
        self._now = now

    def now(self):
        return self._now[0]


class Bus:
    def subscribe(self, topic, listener):
        return lambda: None


def service(store, now, seed="fake", heads=None):
    clock = Clock(now)
    bus = Bus()
    policy = PolicyService(store, clock, bus)
    authority = Authority(store, clock, bus, policy)
    keyring = Keyring(FakeKeys(seed), store, clock)
    return AuditService(
        store, keyring, clock, policy, authority, lambda address: "KR" if address == "203.0.113.7" else "",
        heads or NoHeadPlace(), AnchorReader(store, keyring, NoAnchorPlace()).examine,
    )  # fmt: skip


@pytest.fixture
def audit(bench: Bench) -> AuditService:
    return service(bench.store, bench.now)


@pytest.fixture
def meddle(store_factory):
    """Change the database as somebody would who has it and not the master key."""

    async def change(sql: str) -> None:
        if store_factory.driver == "sqlite":
            connection = apsw.Connection(store_factory.address)
            connection.execute(sql)
            connection.close()
        else:
            connection = await asyncpg.connect(store_factory.address)
            try:
                await connection.execute(sql)
            finally:
                await connection.close()

    return change


async def act(bench: Bench, number: int, thing: str | None = None, actor: str = "cli") -> None:
    record = AuditRecord(START + number, actor, "account.quota", thing or f"account:{bench.account.id}", "203.0.113.7")
    await bench.store.audit(record)


async def acts(bench: Bench, audit: AuditService, count: int) -> None:
    for number in range(1, count + 1):
        await act(bench, number)
    assert await audit.chain() == count


def findings(reports) -> list[tuple[int, str, int, int]]:
    return [(one.organization_id, one.trouble, one.seq, one.last) for report in reports for one in report.findings]


# --- chaining -------------------------------------------------------------------------------------------------------


async def test_each_organisation_has_its_chain(bench: Bench, audit: AuditService):
    store, mine = bench.store, bench.account.id
    other = await store.create_organization("Other", lambda number: (b"k%d" % number, b"q%d" % number))
    await store.add_domain(DomainRow("other.test", other.id))

    async def body(tx):
        await tx.audit(AuditRecord(START, f"account:{mine}", "filter.put", "script:7", sealed_detail=b"\x01\xff"))

    await store.write(mine, body)
    await act(bench, 1, "domain:other.test")
    await act(bench, 2, "policy", actor=f"account:{mine}")
    await act(bench, 3, f"message:{mine}/99 account:12345")
    await act(bench, 4, "policy")
    await act(bench, 5, "account:12345 domain:nowhere.test")
    await store.note_logins([
        LoginAttempt(START + 6, mine, 3, "imap", "203.0.113.7", "ok"),
        LoginAttempt(START + 7, None, None, "imap", "203.0.113.8", "nobody"),
    ])  # fmt: skip
    assert await audit.chain() == 8
    assert await audit.chain() == 0
    reports = {report.organization_id: report for report in await audit.verify()}
    assert {number: report.records for number, report in reports.items()} == {
        INSTALLATION: 3, bench.organization_id: 4, other.id: 1,
    }  # fmt: skip
    assert findings(reports.values()) == []
    login = (await audit.find(AuditQuery(bench.organization_id, since=START + 6)))[0].row
    assert (login.source, login.account_id) == ("login", mine)
    assert login.record == AuditRecord(
        START + 6, f"account:{mine}", "login.ok", "door:imap credential:3", "203.0.113.7"
    )


async def test_a_chain_can_be_repeated_without_any_key(bench: Bench, audit: AuditService):
    await acts(bench, audit, 3)
    digest = audit_chain.START
    for link, row in await bench.store.audit_links(bench.organization_id, 0, 10):
        digest = audit_chain.digest(digest, canonical(bench.organization_id, link.seq, row, "KR"))
        assert digest == link.digest
    (anchor,) = await audit.anchors()
    assert anchor == AuditAnchor(bench.organization_id, 3, digest, START)


async def test_chains_go_on_in_another_process_and_over_many_pages(bench: Bench, audit: AuditService, monkeypatch):
    monkeypatch.setattr("smartmail.service.kernel.audit.chaining.PAGE", 7)
    monkeypatch.setattr("smartmail.service.kernel.audit.verifying.PAGE", 5)
    await acts(bench, audit, 20)
    later = service(bench.store, bench.now)
    await act(bench, 21)
    assert await later.chain() == 1
    reports = await later.verify()
    assert findings(reports) == []
    assert [(one.organization_id, one.records, one.length) for one in reports] == [
        (INSTALLATION, 0, 0), (bench.organization_id, 21, 21),
    ]  # fmt: skip


async def test_nodes_that_chain_at_once_write_one_chain(bench: Bench, store_factory):
    service(bench.store, bench.now)  # tags what is written
    nodes = [service(await store_factory.open(), bench.now) for _ in range(3)]
    for number in range(30):
        await act(bench, number)
        await asyncio.gather(*(node.chain() for node in nodes))
    while await nodes[0].chain():
        pass
    reports = await nodes[1].verify()
    assert findings(reports) == []
    assert sum(report.records for report in reports) == 30


async def put(bench: Bench, meddle, audit: AuditService | None, number: int, thing: str) -> None:
    """Put a record under a number into the database; with our tag where there is a service that has the key."""
    record = AuditRecord(START, "cli", "a.b", thing)
    nonce = number.to_bytes(8, "big")
    tag = "null"
    if audit is not None:
        tag = octets(bench, nonce + audit.maker.tag(nonce, AuditRow("audit", 0, None, record)))
    override = "overriding system value " if "postgres" in type(bench.store._db).__module__ else ""
    await meddle(
        f"insert into audit (id, at, actor, action, object, address, tag) {override}"
        f"values ({number}, {START}, 'cli', 'a.b', '{thing}', '', {tag})"
    )


async def test_a_record_whose_transaction_took_longer_is_chained_too(bench: Bench, audit: AuditService, meddle):
    await acts(bench, audit, 3)
    # A number below those that are chained, as a transaction leaves that began before theirs and ended after.
    await put(bench, meddle, audit, 1000, f"account:{bench.account.id}")
    assert await audit.chain() == 1
    await put(bench, meddle, audit, 900, f"account:{bench.account.id}")
    assert await audit.chain() == 1
    assert findings(await audit.verify()) == []


async def test_a_record_that_was_overlooked_is_chained_by_the_daily_look(bench: Bench, audit: AuditService, meddle):
    await acts(bench, audit, 2)
    await put(bench, meddle, audit, 5000, "policy")
    assert await audit.chain() == 1
    await put(bench, meddle, audit, 3, "policy")
    for one in (audit, service(bench.store, bench.now)):
        assert await one.chain() == 0
    bench.now[0] = START + 90_000
    assert [one[1] for one in findings(await audit.verify())] == ["unchained"]
    assert await audit.check() == 0


# --- what others put in ----------------------------------------------------------------------------------------------


async def test_a_record_that_somebody_put_in_is_in_no_chain_and_is_named(bench: Bench, audit: AuditService, meddle):
    await acts(bench, audit, 3)
    await put(bench, meddle, None, 50, "policy")
    forger = LinkMaker(Keyring(FakeKeys("another"), bench.store, Clock(bench.now)))
    row = AuditRow("audit", 0, None, AuditRecord(START, "cli", "a.b", "policy"))
    await put(bench, meddle, None, 51, "policy")
    await meddle(f"update audit set tag = {octets(bench, bytes(8) + forger.tag(bytes(8), row))} where id = 51")
    for one in (audit, service(bench.store, bench.now)):
        assert await one.chain() == 0
        reports = await one.verify()
        assert findings(reports) == [(INSTALLATION, "unproven", 0, 0)] * 2
        assert [each.about for each in reports[0].findings] == ["audit 50", "audit 51"]
    assert await audit.check() == 2
    # Nor is it shown among the records that wait for their chain.
    assert [found.row.id for found in await audit.find(AuditQuery())] == [3, 2, 1]
    # What is ours goes on being chained beside it, whatever number was taken.
    await act(bench, 4)
    assert await audit.chain() == 1


@pytest.mark.parametrize("column", ["at", "actor", "action", "object", "address"])
async def test_a_record_that_was_changed_before_it_was_chained_is_named(bench: Bench, audit, meddle, column):
    await act(bench, 1)
    await meddle(f"update audit set {column} = {'at + 1' if column == 'at' else column + ' || chr(120)'}"
                 .replace("chr(120)", "'x'"))  # fmt: skip
    assert await audit.chain() == 0
    assert findings(await audit.verify()) == [(INSTALLATION, "unproven", 0, 0)]


async def test_a_login_that_somebody_put_in_or_changed_is_named(bench: Bench, audit: AuditService, meddle):
    await logins(bench, audit, START, START + 1)
    await bench.store.note_logins([LoginAttempt(START + 2, bench.account.id, 5, "imap", "203.0.113.7", "failed")])
    await meddle("update login_attempt set result = 'ok' where result = 'failed'")
    await meddle(f"insert into login_attempt (at, door, address, result) values ({START}, 'imap', '', 'ok')")
    assert await audit.chain() == 0
    assert findings(await audit.verify()) == [(INSTALLATION, "unproven", 0, 0)] * 2


async def test_a_record_cannot_be_put_in_twice(bench: Bench, audit: AuditService, meddle):
    await acts(bench, audit, 2)
    columns = "at, actor, action, object, address, door, tag"
    copy = f"insert into audit ({columns}) select {columns} from audit where id = 1"
    with pytest.raises((apsw.ConstraintError, asyncpg.UniqueViolationError)):
        await meddle(copy)
    try:
        await meddle("drop index audit_tag")
        await meddle(copy)
        await audit.chain()
        assert "copy of another" in (await audit.verify())[0].findings[0].about
        await meddle("delete from audit where id > 2")
    finally:
        await meddle("create unique index audit_tag on audit (tag) where tag is not null")


async def upgraded(bench: Bench, meddle, count: int) -> None:
    """Be a database of before there were tags, as the migration leaves it: some records are in no chain yet."""
    await meddle(f"update audit set tag = null where id <= {count}")
    await meddle("delete from audit_untagged")
    await meddle(f"insert into audit_untagged (source, last) values ('audit', {count}), ('login', 0)")


async def test_records_of_before_are_taken_once_after_the_upgrade(bench: Bench, audit: AuditService, meddle):
    for number in range(1, 6):
        await act(bench, number)
    await upgraded(bench, meddle, 5)
    after = service(bench.store, bench.now)
    assert await after.chain() == 5
    assert await after.chain() == 1  # that tells of the seal
    assert findings(await after.verify()) == []
    assert [one.row.record.object for one in await after.find(AuditQuery(action="audit.tags"))] == ["audit:5 login:0"]
    # Nothing without a tag is taken any more, not under a number of before either.
    await meddle("delete from audit where id = 2")
    await put(bench, meddle, None, 2, "policy")
    for change in ("last = 99", "seal = null", "seal = null, last = 5"):
        for one in (after, service(bench.store, bench.now)):
            assert await one.chain() == 0
            assert "changed" in {each[1] for each in findings(await one.verify())}
        await meddle(f"update audit_untagged set {change} where source = 'audit'")
    assert "mark of audit" in {each.about for each in (await after.verify())[0].findings}
    await put(bench, meddle, None, 60, "policy")
    assert await service(bench.store, bench.now).chain() == 0


async def test_links_are_written_whole_or_not_at_all(bench: Bench):
    store, home = bench.store, bench.organization_id
    await act(bench, 1)
    (row,) = await store.unchained_records("audit", 0, 10)
    link = AuditLink(home, 1, "audit", row.id, b"d" * 32, b"s" * 32)
    head = AuditHead(home, 1, b"d" * 32, b"s" * 32)
    with pytest.raises(StateMismatch):
        await store.chain_records([link], [(head, 5)])
    assert await store.audit_links(home, 0, 10) == []
    await store.chain_records([link], [(head, 0)])
    assert await store.audit_tip(home) == (head, link)
    assert await store.unchained_records("audit", 0, 10) == []
    for links, before in (([link], 0), ([AuditLink(home, 2, "audit", row.id, b"", b"")], 1)):
        with pytest.raises(StateMismatch):
            await store.chain_records(links, [(AuditHead(home, 2, b"", b""), before)])
    assert await store.audit_tip(home) == (head, link)


# --- meddling -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "update audit set actor = 'account:9' where id = 5",
        "update audit set at = at + 1 where id = 5",
        "update audit set action = 'account.quotas' where id = 5",
        "update audit set object = 'account:99' where id = 5",
        "update audit set address = '203.0.113.8' where id = 5",
        "update audit set account_id = 7 where id = 5",
        "update audit set sealed_detail = address::bytea where id = 5",
        "update audit_link set digest = seal where record_id = 5",
        "update audit_link set seal = digest where record_id = 5",
    ],
)
async def test_a_changed_record_is_named(bench: Bench, audit: AuditService, meddle, store_factory, change):
    await acts(bench, audit, 9)
    if store_factory.driver == "sqlite":
        change = change.replace("address::bytea", "cast(address as blob)")
    await meddle(change)
    found = findings(await audit.verify())
    assert found[0] == (bench.organization_id, "changed", 5, 5)
    # A changed digest also makes the next link not follow on it.
    assert found[1:] == ([(bench.organization_id, "disordered", 6, 6)] if "digest = seal" in change else [])


async def test_removed_records_and_links_are_named(bench: Bench, audit: AuditService, meddle):
    await acts(bench, audit, 9)
    await meddle("delete from audit where id = 3")
    assert findings(await audit.verify()) == [(bench.organization_id, "removed", 3, 3)]
    await meddle("delete from audit where id in (6, 7)")
    await meddle("delete from audit_link where record_id in (6, 7)")
    assert findings(await audit.verify())[1:] == [(bench.organization_id, "gap", 6, 7)]


async def test_records_in_another_order_are_named(bench: Bench, audit: AuditService, meddle):
    await acts(bench, audit, 6)
    await meddle("update audit_link set record_id = -2 where record_id = 2")
    await meddle("update audit_link set record_id = 2 where record_id = 3")
    await meddle("update audit_link set record_id = 3 where record_id = -2")
    home = bench.organization_id
    assert findings(await audit.verify()) == [(home, "changed", 2, 2), (home, "changed", 3, 3)]


async def test_a_removed_link_whose_followers_moved_up(bench: Bench, audit: AuditService, meddle):
    await acts(bench, audit, 4)
    await meddle("delete from audit_link where seq = 2")
    await meddle("update audit_link set seq = 2 where seq = 3")
    await meddle("update audit_link set seq = 3 where seq = 4")
    home = bench.organization_id
    assert findings(await audit.verify()) == [
        (home, "changed", 2, 2), (home, "changed", 3, 3), (home, "cut", 4, 4),
    ]  # fmt: skip


async def test_a_cut_end_is_found_and_stays_found(bench: Bench, audit: AuditService, meddle):
    await acts(bench, audit, 9)
    await meddle("delete from audit where id > 6")
    await meddle("delete from audit_link where record_id > 6")
    home = bench.organization_id
    assert findings(await audit.verify()) == [(home, "cut", 7, 9)]
    await act(bench, 10)
    assert await audit.chain() == 1
    assert findings(await audit.verify()) == [(home, "gap", 7, 9)]


async def test_a_head_that_is_not_ours(bench: Bench, audit: AuditService, meddle):
    await acts(bench, audit, 9)
    home = bench.organization_id
    await meddle("delete from audit_link where seq > 6")
    await meddle("update audit_head set length = 6")
    assert ("forged", 6) in {one[1:3] for one in findings(await audit.verify())}
    await meddle("delete from audit_head")
    assert findings(await audit.verify()) == [(home, "forged", 1, 6)]


async def test_a_chain_made_anew_without_the_key_is_not_ours(bench: Bench, audit: AuditService, meddle):
    await acts(bench, audit, 3)
    await meddle("delete from audit_link")
    await meddle("delete from audit_head")
    await meddle("update audit set actor = 'account:9' where id = 2")
    # Whoever has another key can make tags and links with it.
    await meddle("update audit set tag = null")
    await meddle("delete from audit_untagged")
    await meddle("insert into audit_untagged (source, last) values ('audit', 3), ('login', 0)")
    forger = service(bench.store, bench.now, "another key")
    assert await forger.chain() == 3
    await meddle("delete from audit where id > 3")
    await meddle("delete from audit_untagged")
    assert findings(await forger.verify()) == []
    bench.store.tag_records(audit.maker.tag)
    home = bench.organization_id
    assert findings(await audit.verify()) == [
        *((home, "changed", seq, seq) for seq in (1, 2, 3)), (home, "forged", 3, 3),
    ]  # fmt: skip


async def test_a_copy_put_back_is_found_by_an_anchor(bench: Bench, audit: AuditService, meddle):
    await acts(bench, audit, 3)
    old, _ = await bench.store.audit_tip(bench.organization_id)
    await act(bench, 4)
    await audit.chain()
    anchors = await audit.anchors()
    assert findings(await audit.verify(anchors)) == []
    await meddle("delete from audit where id = 4")
    await meddle("delete from audit_link where seq = 4")
    await meddle(
        f"update audit_head set length = 3, digest = {octets(bench, old.digest)}, seal = {octets(bench, old.seal)}"
    )
    assert findings(await audit.verify()) == []  # nothing in the database can tell
    assert findings(await audit.verify(anchors)) == [(bench.organization_id, "elsewhere", 4, 4)]
    wrong = AuditAnchor(bench.organization_id, 2, b"x" * 32)
    assert findings(await audit.verify([wrong])) == [(bench.organization_id, "elsewhere", 2, 2)]


def octets(bench: Bench, value: bytes) -> str:
    return f"'\\x{value.hex()}'::bytea" if "postgres" in type(bench.store._db).__module__ else f"x'{value.hex()}'"


async def test_records_outside_for_long_are_a_finding(bench: Bench, audit: AuditService):
    await act(bench, 1)
    bench.now[0] = START + 30_000
    assert findings(await audit.verify()) == []
    bench.now[0] = START + 90_000
    assert findings(await audit.verify()) == [(INSTALLATION, "unchained", 0, 0)]
    await audit.chain()
    assert findings(await audit.verify()) == []


# --- forgetting -----------------------------------------------------------------------------------------------------


async def logins(bench: Bench, audit: AuditService, *times: int) -> None:
    attempts = [LoginAttempt(at, bench.account.id, None, "imap", "203.0.113.7", "ok") for at in times]
    await bench.store.note_logins(attempts)
    assert await audit.chain() == len(times)


async def test_logins_that_policy_lets_go_are_no_finding(bench: Bench, audit: AuditService, meddle):
    home, kept = bench.organization_id, 730 * DAY
    await logins(bench, audit, START, START + 1, START + 2 * DAY, START + 3 * DAY)
    bench.now[0] = START + kept
    assert await audit.forget_old() == 0
    bench.now[0] = START + kept + DAY
    assert await audit.forget_old() == 2
    assert await audit.forget_old() == 0
    report = (await audit.verify())[-1]
    assert (report.organization_id, report.records, report.forgotten, report.findings) == (home, 2, 2, [])
    assert [link.facts for link, _ in await bench.store.audit_links(home, 0, 2)] == [NO_FACTS] * 2
    # That records went is a record too.
    assert await audit.chain() == 1
    (found,) = await audit.find(AuditQuery(INSTALLATION))
    before = START + DAY
    assert (found.row.record.action, found.row.record.object) == (
        "record.purge", f"chain:{home} kind:login before:{before} count:2",
    )  # fmt: skip
    # The notices cover no other: neither younger logins nor acts.
    await meddle("delete from login_attempt where id = 3")
    await act(bench, 1)
    await audit.chain()
    await meddle("delete from audit where action = 'account.quota'")
    assert findings(await audit.verify()) == [
        (home, "removed", 3, 3), (home, "backdated", 5, 5), (home, "removed", 5, 5),
    ][::2]  # fmt: skip


@pytest.mark.parametrize(("days", "left"), [(729, 1), (731, 0)])
async def test_acts_are_kept_for_two_years(bench: Bench, audit: AuditService, days, left):
    await acts(bench, audit, 1)
    bench.now[0] = START + days * DAY
    assert await audit.forget_old() == 1 - left
    assert len(await audit.find(AuditQuery(bench.organization_id))) == left
    assert findings(await audit.verify()) == []


async def test_records_of_a_person_with_a_hold_stay(bench: Bench, audit: AuditService):
    other = await bench.new_account("u2@acme.test")
    for number, (thing, actor) in enumerate(
        ((bench.account.id, "cli"), (other.id, "cli"), (other.id, f"account:{bench.account.id}")), start=1
    ):
        record = AuditRecord(START + number, actor, "account.quota", f"account:{thing}")
        await bench.store.audit(record, thing)
    await audit.chain()
    hold = Hold(bench.account.id, MessageId(0), "matter", START, "cli")
    await bench.store.put_hold(hold, AuditRecord(START + 900 * DAY, "cli", "hold.place", "policy"))
    bench.now[0] = START + 900 * DAY
    assert await audit.forget_old() == 1
    await bench.store.release_hold(bench.account.id, MessageId(0), "matter", AuditRecord(START, "cli", "a.b", "policy"))
    assert await audit.forget_old() == 2


async def test_what_was_changed_is_not_let_go(bench: Bench, audit: AuditService, meddle):
    """Else a changed record would only have to wait until its notice hides it; nor does a changed copy let one go early."""
    await acts(bench, audit, 3)
    await meddle("update audit set actor = 'account:9' where id = 1")
    bench.now[0] = START + 729 * DAY
    await meddle("update audit_link set at = 5 where seq = 2")
    assert await audit.forget_old() == 0
    bench.now[0] = START + 731 * DAY
    assert await audit.forget_old() == 1
    assert [one[1:3] for one in findings(await audit.verify())] == [("changed", 1), ("changed", 2)]


async def test_a_notice_that_is_not_ours_excuses_nothing(bench: Bench, audit: AuditService, meddle):
    await acts(bench, audit, 4)
    await meddle("delete from audit where id in (2, 3)")
    await meddle("update audit_link set gone = seal where seq = 2")
    # Nor does one of ours in another place.
    bench.now[0] = START + 731 * DAY
    assert await audit.forget_old() == 2
    await meddle("update audit_link set gone = (select gone from audit_link where seq = 1) where seq = 3")
    assert [one[1:3] for one in findings(await audit.verify())] == [("removed", 2), ("removed", 3)]
    # And a notice beside a record that is still there is a change.
    await act(bench, 5)
    await audit.chain()
    await meddle("update audit_link set gone = seal where seq = 5")
    assert ("changed", 5) in [one[1:3] for one in findings(await audit.verify())]


# --- finding --------------------------------------------------------------------------------------------------------


async def test_records_are_found_by_every_fact(bench: Bench, audit: AuditService):
    store, home, mine = bench.store, bench.organization_id, bench.account.id
    other = await bench.new_account("u2@acme.test")
    rows = (
        ("account.quota", "cli", mine, "203.0.113.7", ""), ("account.close", "account:1", mine, "203.0.113.8", "admin"),
        ("access.read", f"account:{other.id}", mine, "203.0.113.7", "imap"), ("policy.set", "cli", other.id, "", ""),
    )  # fmt: skip
    for number, (action, actor, thing, address, door) in enumerate(rows, start=1):
        await store.audit(AuditRecord(START + number, actor, action, f"account:{thing}", address, None, door), thing)
    await store.note_logins([LoginAttempt(START + 5, mine, None, "pop3", "203.0.113.7", "failed")])
    await audit.chain()

    async def times(**query):
        return [one.row.record.at - START for one in await audit.find(AuditQuery(home, **query))]

    assert await times() == [5, 4, 3, 2, 1]
    assert await times(actor="cli") == [4, 1]
    assert await times(account_id=mine) == [5, 3, 2, 1]
    assert await times(action="account.") == [2, 1]
    assert await times(action="account.close") == [2]
    assert await times(action="account") == []
    assert await times(address="203.0.113.7") == [5, 3, 1]
    assert await times(country="KR") == [5, 3, 1]
    assert await times(door="imap") == [3]
    assert await times(door="pop3") == [5]
    assert await times(kind="access") == [3]
    assert await times(result="failed") == [5]
    assert await times(result="ok") == []
    assert await times(action="access.*", country="KR", account_id=mine) == [3]
    assert await times(actor="cli", account_id=mine, since=START + 1, until=START + 2) == [1]
    assert await times(actor="cli", limit=1) == [4]


async def test_records_are_found_where_all_facts_are_common(bench: Bench, audit: AuditService, monkeypatch):
    monkeypatch.setattr("smartmail.adapters.sql.audit_search.FEW", 1)
    await acts(bench, audit, 6)
    query = AuditQuery(bench.organization_id, actor="cli", action="account.", country="KR", limit=4)
    assert [one.row.record.at - START for one in await audit.find(query)] == [6, 5, 4, 3]


# --- telling and showing --------------------------------------------------------------------------------------------


async def test_the_log_is_told_anchors_once_an_hour_and_findings(bench: Bench, audit: AuditService, meddle):
    lines = io.StringIO()
    log.configure(stream=lines)
    try:
        await acts(bench, audit, 2)
        await act(bench, 3)
        await audit.chain()
        bench.now[0] += ANCHOR_EVERY
        await act(bench, 4)
        await audit.chain()
        assert await audit.check() == 0
        await meddle("delete from audit where id = 2")
        assert await audit.check() == 1
    finally:
        log.configure()
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    (last,) = await audit.anchors()
    assert [(one["event"], one["organization"], one["seq"]) for one in told] == [
        ("audit.anchored", bench.organization_id, 2),
        ("audit.anchored", bench.organization_id, 4),
        ("audit.broken", bench.organization_id, 2),
    ]
    assert told[1]["digest"] == last.digest.hex()
    assert (told[2]["trouble"], told[2]["level"]) == ("removed", "error")


async def store_admin(bench: Bench, account_id: AccountId) -> None:
    await bench.store.update_account(account_id, is_admin=True)


async def test_records_are_shown_newest_first(bench: Bench, audit: AuditService):
    mine = bench.account.id
    other = await bench.new_account("u2@acme.test")
    for number, thing in enumerate((f"account:{mine}", "policy", f"account:{other.id}"), start=1):
        await act(bench, number, thing)
    await audit.chain()
    await act(bench, 4)
    root = Actor(AccountId(0), OrganizationId(0), "", True, Origin("cli"))
    await store_admin(bench, mine)

    async def shown(actor=root, **query):
        found = await audit.records(actor, AuditQuery(**query))
        places = [(one.link.organization_id, one.link.seq) if one.link else (None, None) for one in found]
        return [(one.row.record.at - START, *place) for one, place in zip(found, places, strict=True)]

    home = bench.organization_id
    assert await shown() == [(4, None, None), (3, home, 2), (2, INSTALLATION, 1), (1, home, 1)]
    assert await shown(organization_id=home) == [(3, home, 2), (1, home, 1)]
    assert await shown(organization_id=home, since=START + 2, until=START + 3) == []
    assert await shown(limit=2) == [(4, None, None), (3, home, 2)]
    administrator = Actor(mine, home, "u1@acme.test", True, Origin("admin"))
    assert await shown(administrator, organization_id=home) == [(3, home, 2), (1, home, 1)]
    for actor, query in (
        (administrator, {}),
        (administrator, {"organization_id": INSTALLATION}),
        (Actor(other.id, home, "u2@acme.test", False, Origin("admin")), {"organization_id": home}),
    ):
        with pytest.raises(Forbidden):
            await shown(actor, **query)
