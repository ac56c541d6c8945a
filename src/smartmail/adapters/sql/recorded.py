"""A statement that changes something or not, and the record of the act in the same commit; knows no table."""

from smartmail.adapters.sql.config import add_audit
from smartmail.adapters.sql.session import Database, Row, Session
from smartmail.domain.audit import AuditRecord


async def recorded(db: Database, audit: AuditRecord | None, sql: str, *values: object) -> Row | None:
    """Run a statement that returns a row where it changed something, and record the act in that case; return the row."""

    async def work(session: Session) -> Row | None:
        row = await session.row(sql, *values)
        if row is not None and audit is not None:
            await add_audit(session, audit, None)
        return row

    return await db.change(0, work)
