"""Two hundred ways of meddling with records as root: each is found with yesterday's anchor, and the first record is named.

T-A5, KA-42. The database is a file here and the meddler knows everything but the master key.
"""

import random

import apsw
import pytest
from tests.contract.fake_keys import FakeKeys
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench
from tests.contract.test_audit_chains import Clock, service

from smartmail.domain.audit import AuditHead, AuditRecord
from smartmail.domain.errors import Invalid
from smartmail.ports.anchors import NoAnchorPlace
from smartmail.service.audit.anchoring import AnchorService
from smartmail.service.clock import DAY, HOUR
from smartmail.service.keyring import Keyring

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
        # A record of the past, with an id of its own, that the job then ties in at the end.
        at = START + chance.randrange(RECORDS) * 1000
        connection.execute(
            "insert into audit (account_id, at, actor, action, object, address) values (1, ?, 'account:9', 'a.b', 'x', '')",
            (at,),
        )
        return act, RECORDS + AFTER + 1
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
            assert await audit.chain() == 1
        reports = await audit.verify(kept)
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
