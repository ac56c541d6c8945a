"""Push subscriptions and states (ports.store_push.PushStore)."""

from collections.abc import Callable, Mapping, Sequence

from smartmail.adapters.sql import rows
from smartmail.adapters.sql.counters import KINDS, STATES
from smartmail.adapters.sql.declared import every, executed, first_column
from smartmail.adapters.sql.session import OnDatabase, Session, row_of
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.transactions import in_account_change, in_change
from smartmail.domain.errors import NotFound, OverQuota
from smartmail.domain.ids import AccountId, ModSeq
from smartmail.domain.push import AccountStates, PushRow
from smartmail.ports.store_push import PushStore

_COLUMNS = Shape(PushRow)
_QUALIFIED = _COLUMNS.qualified("p")
_STATES = f"""select a.modseq, next_message, coalesce(f.modseq, 0), {", ".join(STATES)}
    from account a left join filter_state f on f.account_id = a.id where a.id = $1"""
_NUMBER = "update account set next_push = next_push + 1 where id = $1 returning next_push - 1, modseq"
_ALL = f"select {_COLUMNS} from push_subscription where account_id = $1 order by id"
_ADD = f"""insert into push_subscription ({_COLUMNS}, bulletins) values ($1, $2, $3, $4, $5, 0, 0, $6, 0, 0, $7)
    returning {_COLUMNS}"""
_UPDATE = """update push_subscription set sealed = coalesce($3, sealed), expires_at = coalesce($4, expires_at),
    verified = coalesce($5, verified), bulletins = coalesce($6, bulletins), next_at = 0, failures = 0 where account_id = $1 and id = $2 returning 1"""
_DROP = "delete from push_subscription where account_id = $1 and id = $2 returning 1"
_DUE = f"""select {_QUALIFIED} from push_subscription p join account a on a.id = p.account_id
    where p.expires_at > $1 and p.next_at <= $1 and a.state in ({rows.states("login")})
    and ((p.verified = 0 and p.greeted = 0) or (p.verified = 1 and (a.modseq > p.told or exists (
        select 1 from push_shared s join account b on b.id = s.shared_id
        where s.account_id = p.account_id and s.id = p.id and b.modseq > s.told)
    or exists (select 1 from push_bulletin n where n.account_id = p.account_id and n.id = p.id))))
    order by p.next_at, p.account_id, p.id limit $2"""
_NOTE = """update push_subscription set told = $3, greeted = $4, next_at = $5, failures = $6
    where account_id = $1 and id = $2"""
_SHARED = "select shared_id, told from push_shared where account_id = $1 and id = $2"
_HAS = "select 1 from push_subscription where account_id = $1 and id = $2"
_ADD_SHARED = "insert into push_shared (account_id, id, shared_id, told) values ($1, $2, $3, $4)"
_ORPHANS = """delete from push_shared where not exists (select 1 from push_subscription p
    where p.account_id = push_shared.account_id and p.id = push_shared.id)"""
_TAKE_NEWS = "update bulletin set spread = 1 where id = $1 and spread = 0 returning organization_id"
_LISTENING = """select p.account_id, p.id from account a join push_subscription p on p.account_id = a.id
    where a.organization_id = $1 and p.verified = 1 and p.bulletins = 1"""
_SPREAD = """insert into push_bulletin (account_id, id, bulletin_id) values ($1, $2, $3)
    on conflict (account_id, id, bulletin_id) do nothing"""
_WAITING = "select bulletin_id from push_bulletin where account_id = $1 and id = $2 order by bulletin_id"
_TOLD = "delete from push_bulletin where account_id = $1 and id = $2 and bulletin_id = $3"
_ORPHAN_NEWS = """delete from push_bulletin where not exists (select 1 from push_subscription p
    where p.account_id = push_bulletin.account_id and p.id = push_bulletin.id)"""


class SqlPush(OnDatabase):
    """ports.store_push.PushStore."""

    async def states(self, account_id: AccountId) -> AccountStates:
        row = await self._db.row(_STATES, account_id)
        if row is None:
            raise NotFound
        modseq, arrivals, filters, *states = row
        return AccountStates(modseq=modseq, arrivals=arrivals, filters=filters, **dict(zip(KINDS, states, strict=True)))

    push_subscriptions = every(PushStore.push_subscriptions, _COLUMNS, _ALL)

    @in_account_change
    async def add_push_subscription(
        self, session: Session, account_id: AccountId, seal: Callable[[int], bytes], *, now: int, expires_at: int, most: int,
        bulletins: bool = False,
    ) -> PushRow:  # fmt: skip
        given = await row_of(session, _NUMBER, account_id)
        number, modseq = given
        await session.run("delete from push_subscription where account_id = $1 and expires_at <= $2", account_id, now)
        if len(await session.rows(_ALL, account_id)) >= most:
            raise OverQuota
        row = await row_of(session, _ADD, account_id, number, seal(number), now, expires_at, modseq, int(bulletins))
        return _COLUMNS.of(row)

    async def update_push_subscription(
        self,
        account_id: AccountId,
        subscription_id: int,
        *,
        sealed: bytes | None = None,
        expires_at: int | None = None,
        verified: bool | None = None,
        bulletins: bool | None = None,
    ) -> None:
        mark, wants = (None if one is None else int(one) for one in (verified, bulletins))

        async def work(session: Session) -> None:
            await row_of(session, _UPDATE, account_id, subscription_id, sealed, expires_at, mark, wants)

        await self._db.change(account_id, work)

    @in_account_change
    async def drop_push_subscription(self, session: Session, account_id: AccountId, subscription_id: int) -> None:
        await row_of(session, _DROP, account_id, subscription_id)

    due_pushes = every(PushStore.due_pushes, _COLUMNS, _DUE)
    note_push = executed(PushStore.note_push, _NOTE, row=_COLUMNS.values("account_id, id"), by_account=True)

    async def pushed_shared(self, account_id: AccountId, subscription_id: int) -> dict[AccountId, ModSeq]:
        return {AccountId(row[0]): ModSeq(row[1]) for row in await self._db.rows(_SHARED, account_id, subscription_id)}

    @in_account_change
    async def note_pushed_shared(
        self, session: Session, account_id: AccountId, subscription_id: int, told: Mapping[AccountId, ModSeq]
    ) -> None:
        await session.run("delete from push_shared where account_id = $1 and id = $2", account_id, subscription_id)
        if await session.row(_HAS, account_id, subscription_id) is not None:
            sets = [(account_id, subscription_id, shared_id, modseq) for shared_id, modseq in sorted(told.items())]
            await session.many(_ADD_SHARED, sets)

    async def spread_bulletin(self, bulletin_id: int, readers: Sequence[AccountId]) -> None:
        wanted = frozenset(readers)

        async def work(session: Session) -> None:
            home = await session.row(_TAKE_NEWS, bulletin_id)
            if home is None:
                return
            listening = await session.rows(_LISTENING, home[0])
            devices = [(one, id_, bulletin_id) for one, id_ in listening if one in wanted]
            await session.many(_SPREAD, devices)

        await self._db.change(0, work)

    unpushed_bulletins = every(PushStore.unpushed_bulletins, first_column, _WAITING)

    @in_account_change
    async def note_pushed_bulletins(
        self, session: Session, account_id: AccountId, subscription_id: int, told: Sequence[int]
    ) -> None:
        await session.many(_TOLD, [(account_id, subscription_id, one) for one in told])

    @in_change
    async def drop_expired_pushes(self, session: Session, now: int) -> int:
        gone = len(await session.rows("delete from push_subscription where expires_at <= $1 returning 1", now))
        await session.run(_ORPHANS)
        await session.run(_ORPHAN_NEWS)
        return gone
