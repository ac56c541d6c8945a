"""/leak-exceptions: values of false positives that leak rules do not count."""

from typing import Annotated

from msgspec import Meta

from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.roles import OperationOutcome, outcome_told
from smartmail.edge.httpd.admin.shapes import Id, Input, Output, Page, Time, cut, milliseconds, time_of, time_or_none
from smartmail.service.protection import leaks as protection


class LeakExceptionCreate(Input, frozen=True):
    """The values of a false positive, which a rule does not count until a time within a year, and why. `findings`: which of the
    incident's findings, counted from 0 (none: all); `rule`: of which rule that matched (none: the one that is named).
    """

    until: Time
    reason: Annotated[str, Meta(min_length=10, max_length=500)]
    findings: Annotated[list[Annotated[int, Meta(ge=0, le=199)]], Meta(max_length=200)] = []  # noqa: RUF012 -- msgspec copies it
    rule: Id | None = None


class LeakException(Output, frozen=True):
    """A value that a leak rule does not count until a time, masked. `endedAt`: ended before that."""

    id: Id
    rule: str
    rule_id: Id
    incident_id: Id
    detector: str
    masked: str
    at: Time
    until: Time
    by: str
    comment: str
    ended_at: Time | None
    ended_by: str


api = Resource(asks="anywhere")
_INCIDENT = "/leak-incidents/{id}"


@api.post(
    f"{_INCIDENT}/except", "Record an incident as a false positive, and except its values from the rule until a time.",
    "leak.change", LeakExceptionCreate, status=201, cli="leak-incident except until reason",
)  # fmt: skip
async def _except(call: Call) -> Page[LeakException]:
    asked = call.body
    made = await call.services.leaks.exceptions.make(
        call.actor, call.home, call.number(), milliseconds(asked.until), asked.reason, findings=asked.findings,
        rule_id=int(asked.rule or 0),
    )  # fmt: skip
    return Page([_exception(one) for one in made])


@api.post(
    f"{_INCIDENT}/propose-except", "Except the values of a false positive, with approval where policy requires it.",
    "leak.change", LeakExceptionCreate, status=202,
)  # fmt: skip
async def _propose_except(call: Call) -> OperationOutcome:
    asked = call.body
    return outcome_told(await call.services.leaks.proposing.exception(
        call.actor, call.home, call.number(), milliseconds(asked.until), asked.reason, findings=asked.findings,
        rule_id=int(asked.rule or 0),
    ))  # fmt: skip


@api.get(
    "/leak-exceptions", "Values that leak rules do not count, newest first.", "leak.read", cli="leak-exception list",
    columns="id rule detector masked until by endedAt",
)  # fmt: skip
async def _exceptions(call: Call) -> Page[LeakException]:
    page = call.page
    rows = await call.services.leaks.exceptions.list(call.actor, call.home, page.after_number, page.limit + 1)
    return cut(rows, lambda one: one.row.id, page, _exception)


@api.delete("/leak-exceptions/{id}", "End an exception before its time.", "leak.change", cli="leak-exception end")
async def _end_exception(call: Call) -> None:
    await call.services.leaks.exceptions.end(call.actor, call.home, call.number())


def _exception(one: protection.LeakException) -> LeakException:
    row, text = one.row, one.text
    return LeakException(
        str(row.id), text.rule, str(row.rule_id), str(row.incident_id), text.detector, text.masked, time_of(row.at),
        time_of(row.until_at), row.made_by, text.reason, time_or_none(row.ended_at), row.ended_by,
    )  # fmt: skip
