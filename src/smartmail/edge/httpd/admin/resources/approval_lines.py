"""/approval-lines: who decides about held mail (결재선); /approvals/{id}/document: what another system decided (전자결재)."""

from typing import Annotated

from msgspec import Meta

from smartmail.domain.approving import MAX_STEPS, Line, LineRow, check
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Count, Id, Input, Output, Page, Time, part
from smartmail.service.flow.approvals.foreseeing import ForeseenApprover, ForeseenStep

StepText = Annotated[str, Meta(min_length=1, max_length=2_000, examples=["manager:2 need=all"])]


class ApprovalLine(Output, frozen=True):
    """An approval line. `steps` in words; `afterwards`: mail is sent first and reviewed later."""

    id: Id
    name: str
    steps: list[str]
    afterwards: bool
    clock: bool
    hide_subject: bool
    created_at: Time
    ended_at: Time | None


class ApprovalLineCreate(Input, frozen=True):
    """An approval line; it replaces the one of its name, which goes on for what was asked before.

    A step is WHO, then `need=any|all|N`, `escalate=HOURS`, `decide=HOURS`, `end=approve|reject|keep`, `to=WHO`. WHO is
    `manager`, `manager:LEVELS`, `manager:LEVELS:DUTY`, `post:ADDRESS`, `people:ADDRESS,ADDRESS`, `group:ID`, `administrators` or
    `system:NAME`. `clock`: hours count at night and on holidays. `hideSubject`: notices to approvers do not show the subject.
    """

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    steps: Annotated[list[StepText], Meta(min_length=1, max_length=MAX_STEPS)]
    afterwards: bool = False
    clock: bool = False
    hide_subject: bool = False


class ApprovalLinePreview(Input, frozen=True):
    """A line that need not be kept yet, and a person whose mail it would be about. `steps`: as of an approval line."""

    account: Id
    steps: Annotated[list[StepText], Meta(min_length=1, max_length=MAX_STEPS)]
    afterwards: bool = False


class ApprovalLineApprover(Output, frozen=True):
    """A person who would decide. `others`: accounts that may decide for them now, as deputies or while they are away."""

    account_id: Id
    others: list[Id]


class ApprovalLineStep(Output, frozen=True):
    """A step of a line for a mail of a person. `needed`: how many have to approve; `held`: there are too few people, so that the
    mail would wait for an administrator; `above`: to whom it would be escalated.
    """

    step: Count
    needed: Count
    held: bool
    approvers: list[ApprovalLineApprover]
    above: list[ApprovalLineApprover]


class ApprovalLineQuery(Input, frozen=True):
    """`ended`: include lines that have ended."""

    ended: bool = False


class ApprovalDocument(Input, frozen=True):
    """The decision of another system. `system`: the name in the step; `document`: the number of its document."""

    approve: bool
    system: Annotated[str, Meta(min_length=1, max_length=100)]
    document: Annotated[str, Meta(min_length=1, max_length=200)]
    note: Annotated[str, Meta(max_length=500)] = ""


api = Resource()


@api.get(
    "/approval-lines", "Approval lines.", "policy.read", query=ApprovalLineQuery, cli="approval-line list",
    columns="id name steps afterwards createdAt endedAt",
)  # fmt: skip
async def _lines(call: Call) -> Page[ApprovalLine]:
    home, lines = await call.may_here(), call.services.addressing.approvals.lines
    rows = await lines.all(home, ended=call.query.ended)
    words = {row.id: await lines.words(line) for row, line in rows}
    return part(rows, lambda one: one[0].id, call.page, lambda one: _shown(one[0], one[1], words[one[0].id]))


@api.post(
    "/approval-lines", "Create or replace an approval line.", "policy.change", ApprovalLineCreate, status=201,
    cli="approval-line put name steps",
)  # fmt: skip
async def _put(call: Call) -> ApprovalLine:
    home, body, lines = await call.may_here(), call.body, call.services.addressing.approvals.lines
    line = Line(body.name, await lines.read(body.steps), body.afterwards, body.clock, body.hide_subject)
    row = await lines.put(call.actor, home, line)
    return _shown(row, line, await lines.words(line))


@api.post(
    "/approval-lines/preview", "Show who would decide about a mail of a person by an approval line, as things are now.",
    "policy.read", ApprovalLinePreview, cli="approval-line preview account steps",
)  # fmt: skip
async def _preview(call: Call) -> Page[ApprovalLineStep]:
    home, body, approvals = await call.may_here(), call.body, call.services.addressing.approvals
    line = Line("preview", await approvals.lines.read(body.steps), body.afterwards)
    check(line)
    steps = await approvals.foreseer.steps(home, line, AccountId(int(body.account)))
    return Page([_step(number, one) for number, one in enumerate(steps, 1)])


@api.delete("/approval-lines/{id}", "End an approval line.", "policy.change", cli="approval-line end")
async def _end(call: Call) -> None:
    home = await call.may_here()
    await call.services.addressing.approvals.lines.end(call.actor, home, call.number())


@api.post(
    "/approvals/{id}/document", "Decide a step that waits for another system.", "approval.decide", ApprovalDocument,
    cli="approval document system document",
)  # fmt: skip
async def _decided(call: Call) -> None:
    home, number, body = await call.may_here(), call.number(), call.body
    if (await call.services.addressing.approvals.opener.open(number)).row.organization_id != home:
        raise NotFound
    await call.services.addressing.approvals.decide_outside(
        call.actor, number, approve=body.approve, system=body.system, document=body.document, note=body.note
    )


def _shown(row: LineRow, line: Line, words: list[str]) -> ApprovalLine:
    return ApprovalLine.from_row(
        row, steps=words, afterwards=line.afterwards, clock=line.clock, hide_subject=line.hide_subject
    )


def _step(number: int, one: ForeseenStep) -> ApprovalLineStep:
    return ApprovalLineStep(number, one.needed, one.held, _approvers(one.approvers), _approvers(one.above))


def _approvers(people: tuple[ForeseenApprover, ...]) -> list[ApprovalLineApprover]:
    return [ApprovalLineApprover(str(int(one.account_id)), [str(int(each)) for each in one.others]) for one in people]
