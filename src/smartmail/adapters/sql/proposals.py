"""Acts that wait for another administrator's consent (ports.store_proposals.ProposalStore)."""

from collections.abc import Sequence

from smartmail.adapters.sql.declared import required
from smartmail.adapters.sql.recorded import add_audit, recorded
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.shape import Parts, Shape
from smartmail.adapters.sql.task_tables import Tasks, TaskTable
from smartmail.adapters.sql.tasks import Leasing
from smartmail.adapters.sql.transactions import in_change
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.proposals import ProposalRow, ProposalState
from smartmail.ports.store_proposals import ProposalStore

_PROPOSAL = Shape(ProposalRow, key=Parts(int, "act_key"), scope=Parts(Scope, "level, subject"))
_PROPOSAL_ROW_VALUES = _PROPOSAL.values(
    "key, organization_id, act, scope.level, scope.subject, state, author, named, sealed, created_at, expires_at, due_at"
)
_ADD = f"""insert into act_proposal (act_key, organization_id, act, level, subject, state, author, named, sealed,
    created_at, expires_at, due_at, decider) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '')
    on conflict do nothing returning {_PROPOSAL}"""
_ALL = f"select {_PROPOSAL} from act_proposal order by id desc limit $1"
_OF = f"select {_PROPOSAL} from act_proposal where organization_id = $1 order by id desc limit $2"
_IN = f"select {_PROPOSAL} from act_proposal where state = $1 order by id desc limit $2"
_OF_IN = f"""select {_PROPOSAL} from act_proposal where organization_id = $1 and state = $2
    order by id desc limit $3"""
_DECIDE = """update act_proposal set state = $2, decider = $3, decided_at = $4, lease_until = $5, worker = $6
    where id = $1 and state = 'waiting' and ($2 = 'expired' or expires_at > $4) returning id"""
_TASK = TaskTable("proposals", "act_proposal", "state = 'running'", until="lease_until", polled=False)
_LEASING = Leasing(_TASK, _PROPOSAL)
_END = """update act_proposal set state = $2, sealed_result = $3, lease_until = null, worker = ''
    where id = $1 and state = 'running' returning id"""
_WAITED = f"""select {_PROPOSAL} from act_proposal where state = 'waiting' and (expires_at <= $1 or due_at <= $1)
    order by id"""
_LEFT = f"select {_PROPOSAL} from act_proposal where state = 'running' and lease_until <= $1 order by id"


class SqlProposals(OnDatabase):
    """ports.store_proposals.ProposalStore."""

    TASKS: Tasks = (_TASK,)

    @in_change
    async def add_proposal(self, session: Session, row: ProposalRow, audit: AuditRecord) -> ProposalRow:
        made = await session.row(_ADD, *_PROPOSAL_ROW_VALUES(row))
        if made is None:
            raise AlreadyExists
        await add_audit(session, audit)
        return _PROPOSAL.of(made)

    proposal = required(ProposalStore.proposal, _PROPOSAL, f"select {_PROPOSAL} from act_proposal where id = $1")

    async def proposals(
        self, organization_id: OrganizationId | None = None, state: ProposalState | None = None, limit: int = 200
    ) -> list[ProposalRow]:
        if organization_id is None:
            rows = await (self._db.rows(_ALL, limit) if state is None else self._db.rows(_IN, state, limit))
        elif state is None:
            rows = await self._db.rows(_OF, organization_id, limit)
        else:
            rows = await self._db.rows(_OF_IN, organization_id, state, limit)
        return [_PROPOSAL.of(row) for row in rows]

    async def decide_proposal(
        self,
        proposal_id: int,
        state: ProposalState,
        audit: AuditRecord,
        *,
        lease_until: int | None = None,
        worker: str = "",
    ) -> bool:
        values = (proposal_id, state, audit.actor, audit.at, lease_until, worker)
        return await self._change_proposal(_DECIDE, values, audit, leases=lease_until is not None)

    async def lease_proposal(self, proposal_id: int, now: int, lease_until: int, worker: str) -> bool:
        return await _LEASING.one(self._db, now, lease_until, worker, proposal_id) is not None

    async def end_proposal(
        self, proposal_id: int, state: ProposalState, sealed_result: bytes, audit: AuditRecord
    ) -> bool:
        return await self._change_proposal(_END, (proposal_id, state, sealed_result), audit)

    async def due_proposals(self, now: int) -> Sequence[ProposalRow]:
        rows = [*await self._db.rows(_WAITED, now), *await self._db.rows(_LEFT, now)]
        return [_PROPOSAL.of(row) for row in rows]

    async def _change_proposal(
        self, statement: str, values: tuple[object, ...], audit: AuditRecord, *, leases: bool = False
    ) -> bool:
        async def work(session: Session) -> bool:
            return await recorded(session, audit, None, statement, *values)

        return await (self._db.lease(work) if leases else self._db.change(0, work))
