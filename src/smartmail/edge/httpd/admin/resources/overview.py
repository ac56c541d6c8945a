"""/overview: numbers of pending items in one call; null where the reader's role does not show them."""

import time
from collections.abc import Awaitable, Callable

from smartmail.domain.authority import Permission
from smartmail.domain.errors import MailError
from smartmail.domain.policy import Scope
from smartmail.domain.queue import QueueFilter
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Count, Output
from smartmail.service.flow.queue_control import Marks

SOON_MS = 30 * 86_400_000
MOST = 1_000
"""More than so many are not counted on."""


class Overview(Output, frozen=True):
    """Numbers of pending items, at most 1,000 each; null: not visible to this role."""

    queue: Count | None
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
            return min(await counted(), MOST)
        except MailError:
            return None

    return Overview(
        queue=await count("queue.read", own, lambda: _queue(call)),
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
        accounts=await count("account.read", own, lambda: _accounts(call)),
    )


async def _queue(call: Call) -> int:
    marks = Marks(QueueFilter(organization_id=call.actor.organization_id))
    return len(await call.services.queue_control.find(marks, MOST))


async def _quarantine(call: Call) -> int:
    return len(await call.services.quarantine.all(organization_id=call.actor.organization_id, limit=MOST))


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


async def _accounts(call: Call) -> int:
    rows = await call.services.directory.account_page(call.actor.organization_id, 0, MOST)  # type: ignore[arg-type]
    return sum(one.state == "active" for one in rows)
