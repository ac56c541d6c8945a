"""Invitations: what a person knows and said of an event (ports.store_invitations.InvitationStore)."""

from smartmail.adapters.sql.declared import every, first_column, optional, whole_row
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.transactions import in_change
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import AccountId
from smartmail.ports.store_invitations import InvitationStore

_ONE = "select sealed from invitation where account_id = $1 and uid_hash = $2"
_ALL = "select uid_hash, sealed from invitation where account_id = $1 order by changed_at desc, uid_hash limit $2"
_ADD = """insert into invitation (account_id, uid_hash, sealed, changed_at) values ($1, $2, $3, $4)
    on conflict (account_id, uid_hash) do nothing returning 1"""
_CHANGE = """update invitation set sealed = $4, changed_at = $5
    where account_id = $1 and uid_hash = $2 and sealed = $3 returning 1"""


class SqlInvitations(OnDatabase):
    """ports.store_invitations.InvitationStore."""

    invitation = optional(InvitationStore.invitation, first_column, _ONE)
    invitations = every(InvitationStore.invitations, whole_row, _ALL)

    @in_change
    async def put_invitation(
        self, session: Session, account_id: AccountId, uid_hash: bytes, before: bytes | None, sealed: bytes, at: int,
        audit: AuditRecord | None = None,
    ) -> bool:  # fmt: skip
        if before is None:
            row = await session.row(_ADD, account_id, uid_hash, sealed, at)
        else:
            row = await session.row(_CHANGE, account_id, uid_hash, before, sealed, at)
        if row is None:
            return False
        await add_audit(session, audit)
        return True
