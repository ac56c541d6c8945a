"""Invitations: what a person knows and said of an event (ports.store_invitations.InvitationStore)."""

from smartmail.adapters.sql.config import add_audit
from smartmail.adapters.sql.session import Database, Session
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import AccountId

_ONE = "select sealed from invitation where account_id = $1 and uid_hash = $2"
_ALL = "select uid_hash, sealed from invitation where account_id = $1 order by changed_at desc, uid_hash limit $2"
_ADD = """insert into invitation (account_id, uid_hash, sealed, changed_at) values ($1, $2, $3, $4)
    on conflict (account_id, uid_hash) do nothing returning 1"""
_CHANGE = """update invitation set sealed = $4, changed_at = $5
    where account_id = $1 and uid_hash = $2 and sealed = $3 returning 1"""


class SqlInvitations:
    """ports.store_invitations.InvitationStore."""

    _db: Database

    async def invitation(self, account_id: AccountId, uid_hash: bytes) -> bytes | None:
        row = await self._db.row(_ONE, account_id, uid_hash)
        return None if row is None else bytes(row[0])

    async def invitations(self, account_id: AccountId, limit: int) -> list[tuple[bytes, bytes]]:
        return [(bytes(row[0]), bytes(row[1])) for row in await self._db.rows(_ALL, account_id, limit)]

    async def put_invitation(
        self, account_id: AccountId, uid_hash: bytes, before: bytes | None, sealed: bytes, at: int,
        audit: AuditRecord | None = None,
    ) -> bool:  # fmt: skip
        async def work(session: Session) -> bool:
            if before is None:
                row = await session.row(_ADD, account_id, uid_hash, sealed, at)
            else:
                row = await session.row(_CHANGE, account_id, uid_hash, before, sealed, at)
            if row is None:
                return False
            if audit is not None:
                await add_audit(session, audit, None)
            return True

        return await self._db.change(0, work)
