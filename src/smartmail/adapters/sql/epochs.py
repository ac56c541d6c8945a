"""The epoch of the policy and its revisions: what every change of rules, of whatever kind, raises by one."""

from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import Session, row_of
from smartmail.domain.audit import AuditRecord

EPOCH = "select epoch from policy_epoch where id = 1"
_RAISE_EPOCH = """insert into policy_epoch (id, epoch) values (1, 1)
    on conflict (id) do update set epoch = policy_epoch.epoch + 1 returning epoch"""
_REVISE = "insert into policy_revision (epoch, at, actor, action, address) values ($1, $2, $3, $4, $5)"


async def newest_epoch(session: Session) -> int:
    """Return the newest epoch; 0 before the first change."""
    row = await session.row(EPOCH)
    return 0 if row is None else int(row[0])


async def renew_epoch(session: Session, audit: AuditRecord) -> None:
    """Begin a new epoch without a revision: the rules are the same, but who lies in which scope is not.

    Its row is a lock until the commit: what calls this first is done one after the other.
    """
    await session.row(_RAISE_EPOCH)
    await add_audit(session, audit)


async def raise_epoch(session: Session, audit: AuditRecord) -> int:
    """Begin a new epoch with its revision and its audit record; return it."""
    row = await row_of(session, _RAISE_EPOCH)
    await session.run(_REVISE, row[0], audit.at, audit.actor, audit.action, audit.address)
    await add_audit(session, audit)
    return int(row[0])
