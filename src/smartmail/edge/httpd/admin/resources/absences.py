"""/absences and those of an account: absence (휴직, 파견), return (복직), rehiring (재입사)."""

from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.absence import Away
from smartmail.domain.errors import NotFound
from smartmail.domain.organization import Step, Wanted
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.naming import with_address, with_addresses
from smartmail.edge.httpd.admin.resources.people import PersonChangeResult, do_step, may_arrive
from smartmail.edge.httpd.admin.shapes import (
    Address,
    Day,
    Id,
    Input,
    Output,
    Page,
    Time,
    Word,
    milliseconds,
    part,
    time_or_none,
)  # fmt: skip
from smartmail.service.people.organization import AbsenceShown

Text = Annotated[str, Meta(max_length=2000)]
Kind = Literal["leave", "secondment"]
Mail = Literal["keep", "forward", "answer"]


class Absence(Output, frozen=True):
    """The absence of an account. `until` null: open end; `shut`: logins are refused; `answer` "": the default reply."""

    account_id: Id
    kind: Kind
    since: Time
    until: Time | None
    mail: Mail
    substitute: Id | None
    shut: bool
    answer: str
    place: str
    reason: str
    author: str
    address: str = ""


class AbsenceUpdate(Input, frozen=True):
    """An absence to set. Mail is always kept. `until`: end without further action; `at`: from that day instead of now."""

    kind: Kind
    until: Day | None = None
    mail: Mail = "keep"
    substitute: Id | None = None
    shut: bool = True
    answer: Text = ""
    place: Text = ""
    reason: Text = ""
    at: Day | None = None


class AccountReturnRequest(Input, frozen=True):
    """When the person returns; null: now."""

    at: Day | None = None


class AccountRehireRequest(Input, frozen=True):
    """How a leaver returns. `login` "": the previous one; `name` is required if the data of the old account were
    destroyed.
    """

    login: Address | Literal[""] = ""
    name: Word | Literal[""] = ""
    employee_number: Annotated[str, Meta(max_length=50)] = ""
    at: Day | None = None


api = Resource()
_AT = "/accounts/{id}"


def _told(one: AbsenceShown) -> Absence:
    row, text = one.row, one.text
    return Absence.from_row(
        row,
        until=time_or_none(row.until or None),
        substitute=str(row.substitute_id) if row.substitute_id else None,
        answer=text.answer,
        place=text.place,
        reason=text.reason,
    )


@api.get(
    "/absences", "Absent accounts.", "account.read", cli="absence list",
    columns="address kind since until mail substitute",
)  # fmt: skip
async def _list(call: Call) -> Page[Absence]:
    found = await call.services.organization.absences.list_all(call.actor, await call.may_here())
    await call.services.witness.listed(call.actor, [one.row.account_id for one in found])
    return await with_addresses(call, part(found, lambda one: int(one.row.account_id), call.page, _told))


@api.get(f"{_AT}/absence", "The absence of an account.", "account.read", cli="absence show")
async def _show(call: Call) -> Absence:
    found = await call.services.organization.absences.of(await call.account())
    if found is None:
        raise NotFound("they are here")
    return await with_address(call, _told(found))


@api.put(
    f"{_AT}/absence", "Set an absence, now or at a later time.", "account.change", AbsenceUpdate, cli="absence begin"
)
async def _begin(call: Call) -> PersonChangeResult:
    account_id, body = await call.account(), call.body
    away = Away(
        kind=body.kind, until=milliseconds(body.until) if body.until else 0, shut=body.shut, mail=body.mail,
        substitute=int(body.substitute or 0), answer=body.answer, place=body.place, reason=body.reason,
    )  # fmt: skip
    return await do_step(call, Step(kind="away", account_id=account_id, away=away), _moment(body.at))


@api.post(
    f"{_AT}/return", "End an absence, now or at a later time.", "account.change", AccountReturnRequest,
    cli="absence end",
)  # fmt: skip
async def _end(call: Call) -> PersonChangeResult:
    return await do_step(call, Step(kind="return", account_id=await call.account()), _moment(call.body.at))


@api.post(
    f"{_AT}/rehire", "Rehire a leaver, now or at a later time.", "account.change", AccountRehireRequest,
    cli="leaver rehire",
)  # fmt: skip
async def _rehire(call: Call) -> PersonChangeResult:
    account_id, body = await call.account(), call.body
    if body.login:
        await may_arrive(call, body.login)
    wanted = Wanted(login=body.login, name=body.name or None, employee_number=body.employee_number or None)
    given = wanted if body.name or body.employee_number else None
    return await do_step(
        call, Step(kind="rehire", account_id=account_id, login=body.login, wanted=given), _moment(body.at)
    )


def _moment(at: Time | None) -> int | None:
    return None if at is None else milliseconds(at)
