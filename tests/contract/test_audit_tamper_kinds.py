"""Every kind of tampering with the audit tables is named: each column of each of them, and each thing done with rows.

KA-42. Kinds are made of the schema, so a column that is added is meddled with too. The meddler has the database and
everything but the master key and the file of chain ends that lies beside it. No anchor is given from outside.
"""

from collections.abc import Iterator

import apsw
import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench
from tests.contract.test_audit_chains import service
from tests.contract.test_audit_tampering import anchors_of

from smartmail.adapters.anchors import HeadFile
from smartmail.domain.account import LoginAttempt
from smartmail.domain.audit import AuditRecord
from smartmail.service.kernel.audit import AuditService
from smartmail.service.kernel.audit.anchoring import AnchorService
from smartmail.service.kernel.clock import DAY, HOUR

TABLES = ("audit", "login_attempt", "audit_link", "audit_head", "audit_anchor", "audit_untagged")
ROW = {
    "audit": "id = 3", "login_attempt": "id = 2", "audit_link": "organization_id = 1 and seq = 3",
    "audit_head": "organization_id = 1", "audit_anchor": "day = (select min(day) from audit_anchor)",
    "audit_untagged": "source = 'audit'",
}  # fmt: skip
HARMLESS = {
    ("audit", "tag"): "asked before a record is chained; afterwards the link's seal holds the record",
    ("login_attempt", "tag"): "the same",
    ("audit_untagged", "source"): "without its mark a source lets nothing in that has no tag",
    ("login_attempt", "country"): "where the address lay is a fact of the link, which is sealed",
}
"""Columns that say nothing about what was done once a record is chained, and why."""
ROWS: dict[str, str] = {
    "a record is deleted": "delete from audit where id = 3",
    "a login is deleted": "delete from login_attempt where id = 2",
    "the newest record is deleted": "delete from audit where id = (select max(id) from audit)",
    "the first record is deleted": "delete from audit where id = (select min(id) from audit)",
    "all records are deleted": "delete from audit",
    "all logins are deleted": "delete from login_attempt",
    "a record and its link are deleted": "delete from audit where id = 3; delete from audit_link where source = 'audit' and record_id = 3",
    "a link is deleted": "delete from audit_link where organization_id = 1 and seq = 3",
    "the last link is deleted": "delete from audit_link where organization_id = 1 and seq = (select length from audit_head where organization_id = 1)",
    "all links are deleted": "delete from audit_link",
    "all links of a company are deleted": "delete from audit_link where organization_id = 1",
    "a head is deleted": "delete from audit_head where organization_id = 1",
    "all heads are deleted": "delete from audit_head",
    "chain and head of a company are deleted": "delete from audit_link where organization_id = 1; delete from audit_head where organization_id = 1",
    "everything is deleted": "delete from audit; delete from login_attempt; delete from audit_link; delete from audit_head; delete from audit_anchor",
    "an anchor is deleted": "delete from audit_anchor where day = (select min(day) from audit_anchor)",
    "the newest anchor is deleted": "delete from audit_anchor where day = (select max(day) from audit_anchor)",
    "all anchors are deleted": "delete from audit_anchor",
    "a record is put in": "insert into audit (account_id, at, actor, action, object, address) values (1, {at}, 'account:9', 'a.b', 'x', '')",
    "a login is put in": "insert into login_attempt (at, account_id, door, address, result) values ({at}, 1, 'imap', '192.0.2.9', 'ok')",
    "a record is put in with the tag of another": """insert into audit (account_id, at, actor, action, object, address, tag)
        select account_id, at, actor, action, 'x', address, tag from audit where id = 3""",
    "a record is put in twice": """insert into audit (account_id, at, actor, action, object, address, door, sealed_detail, tag)
        select account_id, at, actor, action, object, address, door, sealed_detail, tag from audit where id = 3""",
    "two records change places": """update audit set id = -3 where id = 3; update audit set id = 3 where id = 4;
        update audit set id = 4 where id = -3""",
    "two links change records": """update audit_link set record_id = -3 where organization_id = 1 and seq = 3;
        update audit_link set record_id = 3 where organization_id = 1 and seq = 4;
        update audit_link set record_id = 4 where organization_id = 1 and seq = 3""",
    "a link is copied to the end": """insert into audit_link select organization_id, seq + 100, source, record_id + 10000, digest, seal,
        at, kind, actor, account_id, action, door, address, country, gone from audit_link where organization_id = 1 and seq = 3""",
    "a chain is given to another company": "update audit_link set organization_id = 77 where organization_id = 1",
    "chain and head are given to another company": """update audit_link set organization_id = 77 where organization_id = 1;
        update audit_head set organization_id = 77 where organization_id = 1""",
    "a record is let go without policy": """update audit_link set gone = x'00112233' where organization_id = 1 and seq = 3;
        delete from audit where id = 3""",
    "a notice of letting go is copied": """update audit_link set gone = seal where organization_id = 1 and seq = 3;
        delete from audit where id = 3""",
    "the mark of untagged records is put back": """update audit_untagged set last = 999999, seal = null;
        insert into audit (account_id, at, actor, action, object, address) values (1, {at}, 'account:9', 'a.b', 'x', '')""",
}
"""What is done with rows → the statements."""


def kinds(connection: apsw.Connection) -> Iterator[tuple[str, str]]:
    """Yield (what is done, statements): every column of one row of each table, then what is done with rows."""
    for table in TABLES:
        for _number, column, kind, *_rest in list(connection.execute(f"pragma table_info({table})")):
            if (table, column) not in HARMLESS:
                yield (
                    f"{table}.{column} is changed",
                    f"update {table} set {column} = {_other(column, kind)} where {ROW[table]}",
                )
    yield from ROWS.items()


def _other(column: str, kind: str) -> str:
    """Return an expression for another value of a column."""
    if kind == "text":
        return f"{column} || 'x'"
    return f"coalesce({column}, x'') || x'01'" if kind == "bytea" else f"coalesce({column}, 0) + 1000"


async def written(bench: Bench, audit: AuditService, anchors: AnchorService) -> None:
    """Write records and sign-ins of two days, with an anchor after each."""
    for day in range(2):
        bench.now[0] = START + day * DAY
        for number in range(6):
            at = bench.now[0] + number * 1000
            record = AuditRecord(
                at, "account:7", "account.quota", f"account:{bench.account.id}", "203.0.113.7", b"why", "imap"
            )
            await bench.store.audit(record, bench.account.id)
            await bench.store.note_logins([LoginAttempt(at, bench.account.id, 3, "imap", "203.0.113.7", "ok")])
        await audit.chain()
        bench.now[0] += HOUR
        await anchors.take()
        await audit.chain()


@pytest.mark.parametrize("store_factory", ["sqlite"], indirect=True)
async def test_every_kind_is_named(bench: Bench, store_factory, tmp_path):
    heads = HeadFile(str(tmp_path / "master.key.heads"))

    def fresh() -> AuditService:
        return service(bench.store, bench.now, heads=heads)

    audit = fresh()
    await written(bench, audit, anchors_of(bench, audit))
    assert [one.findings for one in await audit.verify()] == [[]] * 2
    kept = (tmp_path / "master.key.heads").read_bytes()
    connection = apsw.Connection(store_factory.address)
    for index in ("audit_tag", "login_tag", "audit_link_record"):
        connection.execute(f"drop index {index}")  # the database's own bounds hold nobody who has the database
    saved = {table: connection.execute(f"select * from {table}").fetchall() for table in TABLES}
    assert all(saved.values())
    done, missed = 0, []
    bench.now[0] += DAY
    for what, statements in list(kinds(connection)):
        with connection:
            connection.execute(statements.replace("{at}", str(START)))
        assert {table: connection.execute(f"select * from {table}").fetchall() for table in TABLES} != saved, what
        meddled = fresh()
        await meddled.chain()
        if not any(one.findings for one in await meddled.verify()):
            missed.append(what)
        done += 1
        (tmp_path / "master.key.heads").write_bytes(kept)
        with connection:
            for table in TABLES:
                connection.execute(f"delete from {table}")
                connection.executemany(
                    f"insert into {table} values ({', '.join('?' * len(saved[table][0]))})", saved[table]
                )
    assert missed == []
    assert done >= 52, done
    assert [one.findings for one in await fresh().verify()] == [[]] * 2
    connection.close()
