"""/accounts/{id}/break-glass: an administrator who is kept out comes in with a hardware key, for minutes; /break-glass: what
is open, for all who administer, and what was.
"""

from typing import Annotated

from msgspec import Meta

from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.shapes import Asked, Id, Page, Time, Told, part, time_of
from smartmail.service.access.glass_book import GlassView


class GlassAsked(Asked, frozen=True):
    """For how long, and why: the reason is kept sealed in the audit."""

    minutes: Annotated[int, Meta(ge=5, le=240)]
    reason: Annotated[str, Meta(min_length=10, max_length=500)]


class GlassTold(Told, frozen=True):
    """When it ends by itself."""

    until: Time


class GlassShown(Told, frozen=True):
    """An opening: for whom, by whom, through which door and from where. `reason` null: not shown to this role."""

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


async def _list(call: Call) -> Page[GlassShown]:
    call.open_to_all()
    views = await call.services.access.glass.book.views(call.actor)
    hidden = await call.services.authority.masks(call.actor, "access.read", _own(call))
    hide = "login-address" in hidden
    # The newest first, by numbers that are not negative.
    return part(views, lambda one: (1 << 62) - one.glass.id, call.page, lambda one: _shown(one, hide=hide))


def _own(call: Call) -> Scope:
    return Scope("organization", str(int(call.actor.organization_id)))


def _shown(one: GlassView, *, hide: bool) -> GlassShown:
    row = one.glass
    return GlassShown(
        str(row.id), str(row.account_id), one.login, "open" if one.is_open else "ended", one.by, row.door,
        None if hide or not one.reason else row.address, time_of(row.opened_at), time_of(row.end()), one.reason or None,
    )  # fmt: skip


async def _open(call: Call) -> GlassTold:
    account_id, body = await call.account(), call.body
    return GlassTold(time_of(await call.services.access.glass.open(call.actor, account_id, body.minutes, body.reason)))


async def _close(call: Call) -> None:
    await call.services.access.glass.close(call.actor, await call.account())


_GLASS = "/accounts/{id}/break-glass"
OPERATIONS = (
    Operation("GET", "/break-glass", "What is open, and what was.", _list, None, Page[GlassShown], paged=True),
    Operation("POST", _GLASS, "Let an administrator in.", _open, "access.change", GlassTold, GlassAsked, status=201),
    Operation("DELETE", _GLASS, "End it before its time.", _close, "access.change"),
)
