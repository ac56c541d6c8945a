"""/key-rotations and /key-schedule: key rotations of organizations and accounts, by hand and by schedule."""

from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.errors import Invalid
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, number_of
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Count, Id, Input, Output, Page, Time, cut, time_or_none
from smartmail.service.operations.keys import retiring
from smartmail.service.operations.keys.rekeying import RekeyView

SYSTEM = Scope("system")
Why = Annotated[str, Meta(min_length=10, max_length=500, description="Ten characters at least; kept sealed.")]
Months = Annotated[int, Meta(ge=0, le=120, description="Every so many months; 0: by hand only.")]
KeyScope = Literal["organization", "accounts", "account"]


class KeyRotation(Output, frozen=True):
    """A key rotation. `subject`: the organization's name, or the address; `secondsLeft` null: not known yet; `failed`:
    values that could not be decrypted before; `destroyedAt`: when the previous keys were destroyed (those of
    organizations are kept).
    """

    id: Id
    scope: KeyScope
    subject: str
    state: Literal["announcing", "switching", "resealing", "withdrawing", "done", "cancelled"]
    percent: Count
    changed: Count
    octets: Count
    failed: Count
    seconds_left: int | None
    actor: str
    started_at: Time
    moved_at: Time
    ended_at: Time | None
    destroyed_at: Time | None


class KeyRotationCreate(Input, frozen=True):
    """Whose keys to rotate: those of an organization, of all its accounts, or (by `address`) of one account.
    `organizationId` "": the own one.
    """

    scope: KeyScope
    reason: Why
    organization_id: Annotated[str, Meta(max_length=20)] = ""
    address: Annotated[str, Meta(max_length=320)] = ""


class KeySchedule(Output, frozen=True):
    """Months between automatic rotations, 0: never. `since` null: never set."""

    accounts: Count
    organizations: Count
    since: Time | None


class KeyScheduleUpdate(Input, frozen=True):
    """The complete schedule."""

    accounts: Months
    organizations: Months


api = Resource(asks="system")


@api.get(
    "/key-rotations", "Key rotations of organizations and accounts.", "key.read", cli="key changes",
    columns="id scope subject state percent changed failed secondsLeft startedAt destroyedAt",
)  # fmt: skip
async def _changes(call: Call) -> Page[KeyRotation]:
    rows = await call.services.keys.rekeying.views(call.actor, 1_000)
    after = call.page.after_number
    left = [one for one in rows if not after or one.row.id < after]
    return cut(left[: call.page.limit + 1], lambda one: one.row.id, call.page, _told)


@api.post(
    "/key-rotations", "Rotate the keys of an organization, of its accounts or of one account while mail flows.",
    "key.change", KeyRotationCreate, status=202, cli="key change scope",
)  # fmt: skip
async def _begin(call: Call) -> KeyRotation:
    body, work = call.body, call.services.keys.rekeying
    account = AccountId(0)
    if body.scope == "account":
        if not body.address:
            raise Invalid("the address of the account is needed", reason="account.needed")
        found = await call.services.directory.account_by_login(body.address)
        home, account = found.organization_id, found.id
    else:
        home = OrganizationId(number_of(body.organization_id) or call.home)
    return _told(await work.view(await work.begin(call.actor, body.scope, home, account, body.reason)))


@api.post(
    "/key-rotations/cancel", "Cancel a rotation whose new keys are not in use yet.", "key.change",
    cli="key change-cancel",
)  # fmt: skip
async def _cancel(call: Call) -> None:
    await call.services.keys.rekeying.cancel(call.actor)


@api.get("/key-schedule", "Schedule of automatic key rotations.", "key.read", cli="key schedule")
async def _schedule(call: Call) -> KeySchedule:
    return _said(await call.services.keys.retiring.schedule(call.actor))


@api.put(
    "/key-schedule", "Set the schedule of automatic key rotations.", "key.change", KeyScheduleUpdate,
    cli="key set-schedule",
)  # fmt: skip
async def _set_schedule(call: Call) -> KeySchedule:
    body = call.body
    return _said(await call.services.keys.retiring.set_schedule(call.actor, body.accounts, body.organizations))


def _told(one: RekeyView) -> KeyRotation:
    row = one.row
    return KeyRotation.from_row(row, subject=one.subject, seconds_left=one.seconds_left)


def _said(one: retiring.KeySchedule) -> KeySchedule:
    return KeySchedule(one.accounts, one.organizations, time_or_none(one.since or None))
