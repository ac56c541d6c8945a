"""Two hundred ways of meddling with records as root: each is found with yesterday's anchor, and the first record is named.

KA-42. The database is a file here and the meddler knows everything but the master key.
"""

import random

import apsw
import pytest
from tests.contract.fake_keys import FakeKeys
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench
from tests.contract.test_audit_chains import Clock, service

from smartmail.domain.audit import AuditHead, AuditQuery, AuditRecord
from smartmail.domain.errors import Invalid
from smartmail.ports.anchors import NoAnchorPlace
from smartmail.service.kernel.audit.anchoring import AnchorService
from smartmail.service.kernel.clock import DAY, HOUR
from smartmail.service.kernel.keyring import Keyring

RECORDS, AFTER = 60, 20
"""Before the anchor of yesterday, and after it."""
COLUMNS = ("actor", "action", "object", "address")


def anchors_of(bench, audit, place=None, seed="fake"):
    clock = Clock(bench.now)
    return AnchorService(
        bench.store, Keyring(FakeKeys(seed), bench.store, clock), clock, audit, place or NoAnchorPlace()
    )


async def written(bench: Bench, audit, anchors) -> tuple[bytes, list[AuditHead]]:
    """Write records of two days with an anchor between; return the anchor's file, and heads as copies of them."""
    heads = []
    for number in range(RECORDS):
        await _act(bench, START + number * 1000)
        if number % 10 == 9:
            await audit.chain()
            heads.append((await bench.store.audit_tip(bench.organization_id))[0])
    await anchors.take()
    (_day, octets), *_ = await anchors.files(1)
    bench.now[0] = START + DAY
    for number in range(AFTER):
        await _act(bench, START + DAY + number * 1000)
    await audit.chain()
    return octets, heads


async def _act(bench: Bench, at: int) -> None:
    record = AuditRecord(at, "account:7", "account.quota", f"account:{bench.account.id}", "203.0.113.7")
    await bench.store.audit(record, bench.account.id)


def meddle(connection: apsw.Connection, chance: random.Random, heads: list[AuditHead]) -> tuple[str, int]:
    """Do one of seven things; return which, and the number in the chain of the first record that it hurts."""
    seq = chance.randrange(1, RECORDS + AFTER)
    (number,) = connection.execute(
        "select record_id from audit_link where organization_id = 1 and source = 'audit' and seq = ?", (seq,)
    ).fetchone()
    act = chance.choice(("edit", "delete", "insert", "swap", "back-date", "truncate", "cut-out"))
    if act == "edit":
        column = chance.choice(COLUMNS)
        connection.execute(f"update audit set {column} = {column} || 'x' where id = ?", (number,))
        connection.execute(f"update audit_link set {column} = {column} || 'x' where seq = ?", (seq,)) \
            if column in {"actor", "action", "address"} else None  # fmt: skip
    elif act == "delete":
        connection.execute("delete from audit where id = ?", (number,))
    elif act == "insert":
        # A record of the past, with an id of its own, for the job to tie in at the end.
        at = START + chance.randrange(RECORDS) * 1000
        connection.execute(
            "insert into audit (account_id, at, actor, action, object, address) values (1, ?, 'account:9', 'a.b', 'x', '')",
            (at,),
        )
        return act, connection.last_insert_rowid()
    elif act == "swap":
        other = seq + 1
        (next_number,) = connection.execute(
            "select record_id from audit_link where organization_id = 1 and seq = ?", (other,)
        ).fetchone()
        connection.execute("update audit_link set record_id = -1 where organization_id = 1 and seq = ?", (seq,))
        connection.execute("update audit_link set record_id = ? where organization_id = 1 and seq = ?", (number, other))
        connection.execute(
            "update audit_link set record_id = ? where organization_id = 1 and seq = ?", (next_number, seq)
        )
    elif act == "back-date":
        connection.execute("update audit set at = at - ? where id = ?", (chance.randrange(1, 10**9), number))
    elif act == "truncate":
        # All traces of the end go, and the head that was there then is put back from a copy: nothing inside can tell.
        head = chance.choice(heads[:-1])
        ends = "select record_id from audit_link where organization_id = 1 and seq > ?"
        connection.execute(f"delete from audit where id in ({ends})", (head.length,))
        connection.execute("delete from audit_link where organization_id = 1 and seq > ?", (head.length,))
        connection.execute(
            "update audit_head set length = ?, digest = ?, seal = ? where organization_id = 1",
            (head.length, head.digest, head.seal),
        )
        return act, head.length + 1
    else:
        connection.execute("delete from audit where id = ?", (number,))
        connection.execute("delete from audit_link where organization_id = 1 and seq = ?", (seq,))
    return act, seq


@pytest.mark.parametrize("store_factory", ["sqlite"], indirect=True)
async def test_two_hundred_tamperings_are_found_and_named(bench: Bench, store_factory):
    audit = service(bench.store, bench.now)
    anchors = anchors_of(bench, audit)
    octets, heads = await written(bench, audit, anchors)
    kept = list(anchors.read(octets))
    assert [one.findings for one in await audit.verify(kept)] == [[]] * 2
    connection = apsw.Connection(store_factory.address)
    tables = ("audit", "audit_link", "audit_head")
    saved = {table: connection.execute(f"select * from {table}").fetchall() for table in tables}
    found, acts = 0, set()
    for number in range(200):
        act, first = meddle(connection, random.Random(number), heads)
        acts.add(act)
        if act == "insert":
            bench.now[0] = START + DAY + HOUR
            assert await audit.chain() == 0
        reports = await audit.verify(kept)
        if act == "insert":
            # It is in no chain, and named by itself.
            assert [(one.trouble, one.about) for one in reports[0].findings] == [("unproven", f"audit {first}")]
        else:
            named = [one.first.seq for one in reports if one.organization_id == 1 and one.first is not None]
            assert named == [first], (number, act, first, reports)
        found += 1
        with connection:
            for table in tables:
                connection.execute(f"delete from {table}")
                marks = ", ".join("?" * len(saved[table][0]))
                connection.executemany(f"insert into {table} values ({marks})", saved[table])
    assert (found, len(acts)) == (200, 7)
    assert [one.findings for one in await audit.verify(kept)] == [[]] * 2
    connection.close()


async def test_an_anchor_is_made_once_a_day_and_names_the_one_before(bench: Bench):
    audit = service(bench.store, bench.now)
    anchors = anchors_of(bench, audit)
    await _act(bench, START)
    assert [await anchors.take(), await anchors.take()] == [1, 0]
    bench.now[0] += DAY
    assert await anchors_of(bench, audit).take() == 1
    newest, first = await bench.store.signed_anchors(5)
    assert newest.day > first.day
    from smartmail.formats import audit_anchor

    told = audit_anchor.read_file(audit_anchor.file_octets(newest.document, newest.signature), anchors.public_key)
    assert told.previous == audit_anchor.digest(first.document)
    with pytest.raises(Invalid):
        anchors_of(bench, audit, seed="another").read(audit_anchor.file_octets(first.document, first.signature))
    with pytest.raises(Invalid):
        anchors.read(audit_anchor.file_octets(first.document.replace('"at":', '"at":1'), first.signature))
    with pytest.raises(Invalid):
        anchors.read(b"rubbish")


ANCHORS = {
    "update audit_anchor set document = replace(document, '\"at\":1', '\"at\":2') where day = '{first}'": "{first} was changed",
    "update audit_anchor set at = at + 1 where day = '{last}'": "{last} was changed",
    "update audit_anchor set signature = (select signature from audit_anchor where day = '{last}') where day = '{first}'":
        "{first} was changed",
    "update audit_anchor set day = '1999-01-01' where day = '{last}'": "1999-01-01 was changed",
    "delete from audit_anchor where day = '{first}'": "{first} is gone or changed",
    "delete from audit_anchor where day = '{last}'": "{last} is gone or changed",
    "delete from audit_anchor": "{first} is gone or changed",
}  # fmt: skip


@pytest.mark.parametrize("store_factory", ["sqlite"], indirect=True)
@pytest.mark.parametrize("change", ANCHORS)
async def test_an_anchor_that_was_changed_or_deleted_is_named(bench: Bench, store_factory, change):
    audit = service(bench.store, bench.now)
    anchors = anchors_of(bench, audit)
    await _act(bench, START)
    await anchors.take()
    bench.now[0] += DAY
    await anchors.take()
    await audit.chain()
    assert [one.findings for one in await audit.verify()] == [[]] * 2
    last, first = (one.day for one in await bench.store.signed_anchors(5))
    connection = apsw.Connection(store_factory.address)
    connection.execute(change.replace("{first}", first).replace("{last}", last))
    connection.close()
    findings = (await audit.verify())[0].findings
    assert {one.trouble for one in findings} == {"anchor"}
    wanted = ANCHORS[change].replace("{first}", first).replace("{last}", last)
    assert f"anchor {wanted}" in {one.about for one in findings}


@pytest.mark.parametrize("store_factory", ["sqlite"], indirect=True)
async def test_a_chain_that_is_not_the_one_of_its_anchors_in_the_store_is_named(bench: Bench, store_factory):
    audit = service(bench.store, bench.now)
    anchors = anchors_of(bench, audit)
    for number in range(3):
        await _act(bench, START + number)
        await audit.chain()
    head, _ = await bench.store.audit_tip(bench.organization_id)
    await _act(bench, START + 4)
    await anchors.take()
    connection = apsw.Connection(store_factory.address)
    connection.execute("delete from audit where account_id is not null and at > ?", (START + 3,))
    connection.execute("delete from audit_link where organization_id = 1 and seq > 3")
    connection.execute(
        "update audit_head set length = ?, digest = ?, seal = ? where organization_id = 1",
        (head.length, head.digest, head.seal),
    )
    connection.close()
    found = [one for report in await audit.verify() for one in report.findings]
    assert [(one.organization_id, one.trouble, one.seq) for one in found] == [(1, "elsewhere", 4)]


@pytest.mark.parametrize("store_factory", ["sqlite"], indirect=True)
async def test_a_whole_database_that_was_put_back_is_told_at_the_first_start(bench: Bench, store_factory, tmp_path):
    from smartmail.adapters.anchors import HeadFile

    heads = HeadFile(str(tmp_path / "master.key.heads"))
    audit = service(bench.store, bench.now, heads=heads)
    for number in range(3):
        await _act(bench, START + number)
    await audit.chain()
    assert await audit.rolled_back() == []
    copy = apsw.Connection(str(tmp_path / "copy.db"))
    live = apsw.Connection(store_factory.address)
    with copy.backup("main", live, "main") as copying:
        copying.step()
    for number in range(3, 6):
        await _act(bench, START + number)
    bench.now[0] += 60_000
    await audit.chain()
    assert await audit.rolled_back() == []
    # All of it, head and anchors too: the file beside the key knows better.
    tables = ("audit", "audit_link", "audit_head")
    for table in tables:
        rows = copy.execute(f"select * from {table}").fetchall()
        with live:
            live.execute(f"delete from {table}")
            live.executemany(f"insert into {table} values ({', '.join('?' * len(rows[0]))})", rows)
    live.close()
    started = service(bench.store, bench.now, heads=heads)
    assert [one.trouble for report in await started.verify() for one in report.findings] == ["elsewhere"]
    # Chaining on does not forget what was known.
    await _act(bench, START + 9)
    bench.now[0] += 60_000
    await started.chain()
    assert [one.trouble for report in await started.verify() for one in report.findings] == ["elsewhere"]
    (missing,) = await started.rolled_back()
    assert (missing.organization_id, missing.seq) == (bench.organization_id, 6)
    bench.now[0] += 60_000
    await started.chain()
    assert [
        one.row.record.object.split()[:2] for one in await started.find(AuditQuery(action="audit.rolled_back"))
    ] == [[f"chain:{bench.organization_id}", "link:6"]]
    # Told once; what was known is kept aside as evidence.
    assert await started.rolled_back() == []
    assert [one.findings for one in await started.verify()] == [[]] * 2
    assert len(list(tmp_path.glob("master.key.heads.before-*"))) == 1


@pytest.mark.parametrize("store_factory", ["sqlite"], indirect=True)
async def test_ends_beside_the_key_that_are_not_ours_are_named(bench: Bench, tmp_path):
    from smartmail.adapters.anchors import HeadFile

    path = tmp_path / "master.key.heads"
    audit = service(bench.store, bench.now, heads=HeadFile(str(path)))
    await _act(bench, START)
    await audit.chain()
    octets = path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    for wrong in (octets.replace(b"[1, 1,", b"[1, 9,"), b"rubbish", b"{}"):
        path.write_bytes(wrong)
        assert [one.trouble for report in await audit.verify() for one in report.findings] == ["forged"]
    path.write_bytes(octets)
    assert [one.findings for one in await audit.verify()] == [[]] * 2


async def test_anchors_reach_their_place_when_it_is_back(bench: Bench, tmp_path):
    from smartmail.adapters.anchors import AnchorDirectory

    audit = service(bench.store, bench.now)
    (tmp_path / "worm").write_text("no directory")
    anchors = anchors_of(bench, audit, AnchorDirectory(str(tmp_path / "worm")))
    await _act(bench, START)
    assert await anchors.take() == 1
    (tmp_path / "worm").unlink()
    assert await anchors.take() == 0
    (file,) = (tmp_path / "worm").iterdir()
    (_day, octets), *_ = await anchors.files(1)
    assert file.read_bytes() == octets
    assert file.stat().st_mode & 0o222 == 0
    # What lies there is never replaced.
    await AnchorDirectory(str(tmp_path / "worm")).keep(file.name, b"other")
    assert file.read_bytes() == octets


def test_the_vector_of_the_chain():
    """KA-42."""
    from smartmail.formats import audit_chain

    one = {
        "act": "login", "ip": "203.0.113.7", "obj": "-", "seq": 1, "ts": "2026-01-02T03:04:05+09:00", "uid": "u1",
    }  # fmt: skip
    two = {
        "act": "mail.read", "ip": "203.0.113.7", "obj": "m:42", "seq": 2, "ts": "2026-01-02T03:05:00+09:00", "uid": "u1",
    }  # fmt: skip
    first = audit_chain.digest(audit_chain.START, audit_chain.canonical(one))
    assert first.hex() == "e7d1bd117445c2b440d9d317f49c62efbbb332404fcf90e2257ff1d9c488a2ec"
    second = audit_chain.digest(first, audit_chain.canonical(two))
    assert second.hex() == "7f2671301145ee40125dd8b23d9e35f12e8a0023e86ec4b7e2f03252240e4a2d"
