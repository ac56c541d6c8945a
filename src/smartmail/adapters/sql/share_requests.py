"""Requests to use shared accounts (ports.store_share_requests.ShareRequestStore)."""

from smartmail.adapters.sql.declared import changed, every, optional
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.transactions import in_change
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import OverQuota
from smartmail.domain.share_requests import ShareRequest
from smartmail.ports.store_share_requests import ShareRequestStore

_COLUMNS = Shape(
    ShareRequest, "id, organization_id, account_id, person_id, role, state, asked_at, decided_at, decided_by, sealed"
)
_OLD = "delete from share_request where organization_id = $1 and asked_at < $2"
_EARLIER = "delete from share_request where account_id = $1 and person_id = $2"
_OF_PERSON = "select count(*)::bigint from share_request where person_id = $1 and state = 'waiting'"
_OF_ACCOUNT = "select count(*)::bigint from share_request where account_id = $1 and state = 'waiting'"
_PUT = f"insert into share_request ({_COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
_ONE = f"select {_COLUMNS} from share_request where id = $1"
_OF = f"""select {_COLUMNS} from share_request where organization_id = $1 and asked_at >= $2
    order by asked_at desc, id desc"""
_MOVE = """update share_request set role = $3, state = $4, decided_at = $5, decided_by = $6
    where id = $1 and state = $2 returning id"""
_DROP = "delete from share_request where id = $1 returning id"


class SqlShareRequests(OnDatabase):
    """ports.store_share_requests.ShareRequestStore."""

    @in_change
    async def put_share_request(
        self, session: Session, row: ShareRequest, most: int, since: int, audit: AuditRecord
    ) -> None:
        await session.run(_OLD, row.organization_id, since)
        await session.run(_EARLIER, row.account_id, row.person_id)
        for statement, subject in ((_OF_PERSON, row.person_id), (_OF_ACCOUNT, row.account_id)):
            held = await session.row(statement, subject)
            if held is not None and held[0] >= most:
                raise OverQuota(f"at most {most} requests wait")
        await session.run(_PUT, *_COLUMNS.dump(row))
        await add_audit(session, audit)

    share_request = optional(ShareRequestStore.share_request, _COLUMNS, _ONE)
    share_requests = every(ShareRequestStore.share_requests, _COLUMNS, _OF)

    @in_change
    async def move_share_request(
        self, session: Session, row: ShareRequest, before: str, audit: AuditRecord | None
    ) -> bool:
        moved = await session.row(
            _MOVE, row.id, before, row.role, row.state, row.decided_at, row.decided_by
        )  # fmt: skip
        if moved is not None and audit is not None:
            await add_audit(session, audit)
        return moved is not None

    drop_share_request = changed(ShareRequestStore.drop_share_request, _DROP)
