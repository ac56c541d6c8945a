"""/events: events of the organization as they happen (Server-Sent Events); the id of an event is the cursor.

LIMITS    `AdminLimits.streams` of an account at once. A comment every 15 s keeps the way open.
SECURITY  Each look asks again whether the caller still is who it was, and still may read the records.
"""

import asyncio
from collections import Counter
from typing import Annotated, Final

from msgspec import Meta

from smartmail.domain.errors import Invalid, MailError, RateLimited
from smartmail.domain.ids import OrganizationId
from smartmail.edge.httpd.admin import proving
from smartmail.edge.httpd.admin.operation import Call, number_of
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Input
from smartmail.service.operations.webhooks.sending import body_of

PAGE: Final = 100
PING_S: Final = 15.0
_open: Counter[int] = Counter()


class EventQuery(Input, frozen=True):
    """After which event to begin; without it (and without Last-Event-ID) with what happens from now on."""

    after: Annotated[int, Meta(ge=0, le=1 << 53)] | None = None


api = Resource(asks="organization")


@api.get("/events", "Stream of events.", "audit.read", query=EventQuery, stream="text/event-stream")
async def _stream(call: Call) -> None:
    limits = call.limits
    if _open[call.actor.account_id] >= limits.streams:
        raise RateLimited("too many streams of this account", reason="windows.many")
    seq = await _begin(call, call.home)
    _open[call.actor.account_id] += 1
    gone = asyncio.ensure_future(call.request.gone())
    try:
        kind = [("content-type", "text/event-stream; charset=utf-8"), ("x-accel-buffering", "no")]
        await call.answer.start(200, kind)
        await call.answer.piece(b": open\n\n")
        await _follow(call, call.home, seq, gone, limits.poll_s)
    finally:
        gone.cancel()
        _open[call.actor.account_id] -= 1


async def _begin(call: Call, home: OrganizationId) -> int:
    seen = call.request.header("last-event-id")
    if seen:
        number = number_of(seen)
        if number is None:
            raise Invalid("Last-Event-ID is not one of ours", reason="request.form")
        return number
    if call.query.after is not None:
        return int(call.query.after)
    return await call.services.admin_api.events.newest(home)


async def _follow(call: Call, home: OrganizationId, seq: int, gone: "asyncio.Future[None]", poll_s: float) -> None:
    quiet = 0.0
    while not gone.done():
        try:
            await call.may_here()
        except MailError:
            break
        if not await proving.still_stands(call.services, call.request):
            break
        before = seq
        found, seq = await call.services.admin_api.events.after(home, before, PAGE)
        for one in found:
            await call.answer.piece(b"id: %d\nevent: happening\ndata: %s\n\n" % (one.seq, body_of(one)))
        quiet = 0.0 if found else quiet + poll_s
        if quiet >= PING_S:
            quiet = 0.0
            await call.answer.piece(b": still here\n\n")
        if seq == before:
            await asyncio.wait([gone], timeout=poll_s)
    if not gone.done():
        await call.answer.piece(b"", last=True)
