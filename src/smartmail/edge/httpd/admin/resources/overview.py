"""/overview: numbers of pending items in one call; null where the reader's role does not show them."""

import time
from collections.abc import Awaitable, Callable
from typing import Literal

from smartmail.domain.authority import Permission
from smartmail.domain.errors import MailError
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Count, Output

SOON_MS = 30 * 86_400_000
MOST = 1_000
"""More than so many cases are not counted on; what may be many more is counted by the store."""


class Overview(Output, frozen=True):
    """Numbers of pending items; null: not visible to this role. `queue`: recipients that wait, `queueHeld`: those that
    are held. `accounts`: persons without those whose account is closed, `accountStates`: the same by state.
    """

    queue: Count | None
    queue_held: Count | None
    quarantine: Count | None
    approvals: Count | None
    proposals: Count | None
    policy_changes: Count | None
    travel_passes: Count | None
    cases: Count | None
    bans: Count | None
    sending_stops: Count | None
    certificates_ending: Count | None
    reviews_open: Count | None
    accounts: Count | None
    account_states: dict[str, int] | None


api = Resource()


@api.get("/overview", "Pending items, in numbers.")
async def _overview(call: Call) -> Overview:
    call.open_to_all()
    own = Scope("organization", str(call.actor.organization_id))
    system = Scope("system")

    async def count(permission: Permission, scope: Scope, counted: Callable[[], Awaitable[int]]) -> int | None:
        if not await call.services.authority.may(call.actor, permission, scope):
            return None
        try:
            return await counted()
        except MailError:
            return None

    states = None
    if await call.services.authority.may(call.actor, "account.read", own):
        states = await call.services.directory.count_states(call.actor.organization_id)
    return Overview(
        queue=await count("queue.read", own, lambda: _waiting(call, "waiting")),
        queue_held=await count("queue.read", own, lambda: _waiting(call, "held")),
        quarantine=await count("quarantine.read", own, lambda: _quarantine(call)),
        approvals=await count("queue.read", own, lambda: _approvals(call)),
        proposals=await count("role.read", own, lambda: _proposals(call)),
        policy_changes=await count("policy.read", own, lambda: _changes(call)),
        travel_passes=await count("pass.decide", own, lambda: _passes(call)),
        cases=await count("case.read", own, lambda: _cases(call)),
        bans=await count("defence.read", system, lambda: _bans(call)),
        sending_stops=await count("defence.read", own, lambda: _stops(call)),
        certificates_ending=await count("certificate.read", system, lambda: _certificates(call)),
        reviews_open=await count("audit.read", own, lambda: _reviews(call)),
        accounts=None if states is None else sum(many for state, many in states.items() if state != "closed"),
        account_states=None if states is None else {str(state): many for state, many in states.items()},
    )


async def _waiting(call: Call, which: Literal["waiting", "held"]) -> int:
    now = await call.services.trends.view.now(call.actor, "company")
    return now.waiting if which == "waiting" else now.held


async def _quarantine(call: Call) -> int:
    return await call.services.quarantine.count(call.actor.organization_id)


async def _approvals(call: Call) -> int:
    return len(await call.services.addressing.approvals.list_all("waiting", call.actor.organization_id))


async def _proposals(call: Call) -> int:
    return len(await call.services.proposals.list_all(call.actor))


async def _changes(call: Call) -> int:
    return len(await call.services.policy_changes.changes(call.actor, ("proposed",)))


async def _passes(call: Call) -> int:
    rows = await call.services.access.passes.of(call.actor, call.actor.organization_id)
    return sum(one.row.state == "asked" for one in rows)


async def _cases(call: Call) -> int:
    rows = await call.services.cases.list_all(call.actor.organization_id, MOST)
    return sum(one.row.state in {"open", "examining"} for one in rows)


async def _bans(call: Call) -> int:
    return len(await call.services.defence.bans())


async def _stops(call: Call) -> int:
    may = call.services.authority.may
    rows = await call.services.defence.sending_stops()
    found = [await may(call.actor, "defence.read", Scope("account", str(one.account_id))) for one in rows]
    return sum(found)


async def _certificates(call: Call) -> int:
    by = int(time.time() * 1000) + SOON_MS
    return sum(one.until < by for one in await call.services.certificates.rows())


async def _reviews(call: Call) -> int:
    rows = await call.services.reviews.reviews(call.actor, call.actor.organization_id)
    return sum(one.signed_at is None for one in rows)
