"""/leak-incidents: messages that matched leak rules, their review, and their values."""

from dataclasses import replace
from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.leaks import Exit, IncidentQuery
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.leak_trials import LeakFinding, LeakTried
from smartmail.edge.httpd.admin.shapes import Id, Input, Output, Page, Past, Time, cut, milliseconds, time_of
from smartmail.service.protection.leaks import Incident

TABLE = "text/csv"
MOST_EXPORTED = 10_000


class LeakIncident(Output, frozen=True):
    """A message that matched a leak rule, with masked findings. `action`: what was done with it; `ruleId` 0: it could not be
    inspected; `comment`: what the sender stated.
    """

    id: Id
    at: Time
    login: str
    sender: str
    recipients: list[str]
    subject: str
    exit: str
    action: str
    rule_id: Id
    rule: str
    state: str
    reviewed_by: str
    comment: str
    files: list[str]
    findings: list[LeakFinding]
    rules: list[LeakTried]


class LeakIncidentQuery(Input, frozen=True):
    """Which incidents."""

    account: Annotated[Id, Meta(extra={"names": "account"})] | None = None
    rule: Id | None = None
    action: str = ""
    exit: Exit | Literal[""] = ""
    state: Literal["", "open", "reviewed", "false_positive"] = ""
    since: Past | None = None
    until: Past | None = None


class LeakIncidentExport(LeakIncidentQuery, frozen=True, kw_only=True):
    """Which incidents to export, the newest 10,000 of them, and why (at least ten characters)."""

    reason: Annotated[str, Meta(min_length=10, max_length=500)]


class LeakIncidentReview(Input, frozen=True):
    """The result of a review."""

    state: Literal["open", "reviewed", "false_positive"]


class LeakUnmaskRequest(Input, frozen=True):
    """Why the values must be seen."""

    reason: Annotated[str, Meta(min_length=10, max_length=1000)]


class LeakValues(Output, frozen=True):
    """The unmasked values, in the order of the incident's findings."""

    values: list[str]


api = Resource(asks="anywhere")
_INCIDENT = "/leak-incidents/{id}"


@api.get(
    "/leak-incidents", "Messages that matched leak rules, newest first.", "leak.read", query=LeakIncidentQuery,
    cli="leak-incident list", columns="id at login recipients rule action findings state",
)  # fmt: skip
async def _incidents(call: Call) -> Page[LeakIncident]:
    page = call.page
    query = replace(_wanted(call.query), before=page.after_number, limit=page.limit + 1)
    rows = await call.services.leaks.incidents.list(call.actor, call.home, query)
    return cut(rows, lambda one: one.row.id, page, _incident)


@api.post(
    "/leak-incidents/export", "Export leak incidents as CSV, values masked; recorded with the reason.", "leak.read",
    LeakIncidentExport, stream=TABLE, cli="leak-incident export reason",
)  # fmt: skip
async def _export(call: Call) -> None:
    asked, incidents = call.body, call.services.leaks.incidents
    query = replace(_wanted(asked), limit=MOST_EXPORTED)
    octets = await incidents.table(call.actor, call.home, query, asked.reason, call.language)
    await call.file(octets, "leak-incidents.csv")


@api.get(_INCIDENT, "A message that matched a leak rule.", "leak.read", cli="leak-incident show")
async def _one(call: Call) -> LeakIncident:
    return _incident(await call.services.leaks.incidents.one(call.actor, call.home, call.number()))


@api.post(
    f"{_INCIDENT}/review", "Record the review of an incident.", "leak.change", LeakIncidentReview,
    cli="leak-incident review state",
)  # fmt: skip
async def _review(call: Call) -> LeakIncident:
    return _incident(await call.services.leaks.incidents.review(call.actor, call.home, call.number(), call.body.state))


@api.post(
    f"{_INCIDENT}/unmask", "Show the values of an incident; recorded with the reason.", "leak.unmask", LeakUnmaskRequest,
    cli="leak-incident unmask reason",
)  # fmt: skip
async def _unmask(call: Call) -> LeakValues:
    values = await call.services.leaks.incidents.unmask(call.actor, call.home, call.number(), call.body.reason)
    return LeakValues(list(values))


def _wanted(asked: LeakIncidentQuery) -> IncidentQuery:
    return IncidentQuery(
        int(asked.account or 0), -1 if asked.rule is None else int(asked.rule), asked.action, asked.state,
        0 if asked.since is None else milliseconds(asked.since),
        1 << 62 if asked.until is None else milliseconds(asked.until), exit=asked.exit,
    )  # fmt: skip


def _incident(one: Incident) -> LeakIncident:
    row, text = one.row, one.text
    return LeakIncident(
        str(row.id), time_of(row.at), text.login, text.sender, list(text.recipients), text.subject, row.exit, row.action,
        str(row.rule_id), text.rule, row.state, row.reviewed_by, text.reason, list(text.files),
        [LeakFinding(hit.detector, hit.confidence, hit.masked, hit.place) for hit in text.hits],
        [
            LeakTried(str(each.id), each.name, each.stage, each.outcome, list(each.held), list(each.failed))
            for each in text.rules
        ],
    )  # fmt: skip
