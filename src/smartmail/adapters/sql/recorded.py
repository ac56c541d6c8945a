"""The record of an act in the commit of the act; knows no table but that of the records."""

from operator import attrgetter

from smartmail.adapters.sql.session import Database, Row, Session
from smartmail.domain.audit import AuditRecord, AuditRow
from smartmail.domain.ids import AccountId

_AUDIT_RECORD_VALUES = attrgetter("at", "actor", "action", "object", "address", "sealed_detail", "door")
_ADD_AUDIT = """insert into audit (account_id, at, actor, action, object, address, sealed_detail, door, tag)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"""


async def add_audit(session: Session, record: AuditRecord | None, account_id: AccountId | None = None) -> None:
    """Write a record of an act, if there is one, in its transaction, with the tag that shows that we did."""
    if record is None:
        return
    await session.run(
        _ADD_AUDIT, account_id, *_AUDIT_RECORD_VALUES(record), session.tags.of(AuditRow("audit", 0, account_id, record))
    )


async def recorded(
    session: Session, record: AuditRecord | None, account_id: AccountId | None, sql: str, *values: object
) -> bool:
    """Run a statement that returns a row for what it changed, and write the record of it; say whether it changed anything.

    Where it did not there is no act, and no record.
    """
    if await session.row(sql, *values) is None:
        return False
    await add_audit(session, record, account_id)
    return True


async def record_change(db: Database, audit: AuditRecord | None, sql: str, *values: object) -> Row | None:
    """Run a statement that returns a row where it changed something, and record the act in that case; return the row."""

    async def work(session: Session) -> Row | None:
        row = await session.row(sql, *values)
        if row is not None:
            await add_audit(session, audit)
        return row

    return await db.change(0, work)
