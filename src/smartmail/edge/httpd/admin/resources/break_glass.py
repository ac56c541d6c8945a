"""/accounts/{id}/break-glass: an administrator who is kept out comes in with a hardware key, for minutes; /break-glass: what
is open, for all who administer, and what was.
"""

from typing import Annotated

from msgspec import Meta

from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Id, Input, Output, Page, Time, part, time_of
from smartmail.service.identity.access.glass_book import GlassView


class BreakGlassRequest(Input, frozen=True):
    """Duration and reason; the reason is kept encrypted in the audit log."""

    minutes: Annotated[int, Meta(ge=5, le=240)]
    reason: Annotated[str, Meta(min_length=10, max_length=500)]


class BreakGlassEnd(Output, frozen=True):
    """When the access ends."""

    until: Time


class BreakGlassAccess(Output, frozen=True):
    """A break-glass access: for whom, by whom, by which access protocol and from where. `reason` null: not visible to
    this role.
    """

    id: Id
    account_id: Id
    address: str
    state: str
    opened_by: str
    door: str
    from_address: str | None
    opened_at: Time
    ends_at: Time
    reason: str | None


api = Resource()
_GLASS = "/accounts/{id}/break-glass"


@api.get("/break-glass", "Break-glass accesses, current and past.", cli="access glasses")
async def _list(call: Call) -> Page[BreakGlassAccess]:
    call.open_to_all()
    views = await call.services.access.glass.book.views(call.actor, call.home)
    hidden = await call.services.authority.masks(call.actor, "access.read", _own(call))
    hide = "login-address" in hidden
    # The newest first, by numbers that are not negative.
    return part(views, lambda one: (1 << 62) - one.glass.id, call.page, lambda one: _shown(one, hide=hide))


def _own(call: Call) -> Scope:
    return Scope("organization", str(int(call.actor.organization_id)))


def _shown(one: GlassView, *, hide: bool) -> BreakGlassAccess:
    row = one.glass
    return BreakGlassAccess(
        str(row.id), str(row.account_id), one.login, "open" if one.is_open else "ended", one.by, row.door,
        None if hide or not one.reason else row.address, time_of(row.opened_at), time_of(row.end()), one.reason or None,
    )  # fmt: skip


@api.post(
    _GLASS, "Authorize break-glass access for an administrator.", "access.change", BreakGlassRequest, status=201,
    cli="access break-glass minutes reason",
)  # fmt: skip
async def _open(call: Call) -> BreakGlassEnd:
    account_id, body = await call.account(), call.body
    return BreakGlassEnd(
        time_of(await call.services.access.glass.open(call.actor, account_id, body.minutes, body.reason))
    )


@api.delete(_GLASS, "End break-glass access early.", "access.change", cli="access close-glass")
async def _close(call: Call) -> None:
    await call.services.access.glass.close(call.actor, await call.account())
