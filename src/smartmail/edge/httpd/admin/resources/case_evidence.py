"""/cases/{id}/…: evidence, recipients and actions of a case; its text and package need a reason."""

from typing import Annotated, Any

from msgspec import Meta

from smartmail.domain.audit import AuditQuery
from smartmail.domain.inspection import Reason
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Count, Id, Input, Output, Time, time_of
from smartmail.service.kernel.inspection.wording import reason_text

FILE = "application/zip"
MAX_DONE = 500
MAX_PEOPLE = 1_000
Why = Annotated[str, Meta(min_length=10, max_length=1000, description="Ten characters at least; kept with the record.")]


class HeaderField(Output, frozen=True):
    """A field of the header."""

    name: str
    value: str


class MessageHop(Output, frozen=True):
    """A host that relayed the message. `verified`: recorded by this installation; all others are claims."""

    verified: bool
    address: str
    name: str
    country: str


class AuthenticationResult(Output, frozen=True):
    """A result of SPF, DKIM, DMARC or ARC."""

    method: str
    result: str


class VerdictReason(Output, frozen=True):
    """A reason for the verdict, with its weight."""

    weight: float
    text: str


class EvidenceFile(Output, frozen=True):
    """An attachment; `sha256` "" if it was too large to be read completely."""

    name: str
    media_type: str
    size: Count
    sha256: str


class CaseReport(Output, frozen=True):
    """A report, with the account that made it."""

    account_id: Id
    at: Time


class CaseAction(Output, frozen=True):
    """An action taken in the case."""

    at: Time
    actor: str
    action: str


class CaseEvidence(Output, frozen=True):
    """Evidence without the text of the message. Lists cover all reports; header, hops and files are of the first one."""

    headers: list[HeaderField]
    hops: list[MessageHop]
    proofs: list[AuthenticationResult]
    reasons: list[VerdictReason]
    nature: str
    country: str
    senders: list[str]
    message_ids: list[str]
    hosts: list[str]
    urls: list[str]
    addresses: list[str]
    files: list[EvidenceFile]
    octets: Count
    sha256: str
    reports: list[CaseReport]
    done: list[CaseAction]


class CaseRecipient(Output, frozen=True):
    """An account that has messages of the case."""

    account_id: Id
    messages: Count


class CaseRecipients(Output, frozen=True):
    """Recipients of a case; `accounts` and `messages` are totals, `people` are the first thousand."""

    accounts: Count
    messages: Count
    people: list[CaseRecipient]


class CaseAccessRequest(Input, frozen=True):
    """Why the message is opened."""

    reason: Why


class CaseMessage(Output, frozen=True):
    """The message as plain text."""

    text: str


api = Resource(asks="organization")


@api.get(
    "/cases/{id}/evidence", "Evidence of a case, without the text of the message.", "case.read", cli="case evidence"
)
async def _evidence(call: Call) -> CaseEvidence:
    number = call.number()
    cases = call.services.cases
    text, view = (await cases.get(call.actor, number)).text, await cases.look(call.actor, number)
    reports = await cases.reporters(call.actor, number)
    return CaseEvidence(
        [HeaderField(name, value) for name, value in view.headers],
        [_hop(one) for one in view.route.get("hops", ())],
        [AuthenticationResult(str(one[0]), str(one[1])) for one in view.route.get("authentication", ())],
        [VerdictReason(float(one[1]), _reason(call.language, one)) for one in view.route.get("reasons", ())],
        str(view.route.get("nature", "")), str(view.route.get("country", "")), list(text.senders),
        list(text.message_ids), list(text.hosts), list(text.urls), list(text.addresses),
        [EvidenceFile.from_row(one) for one in view.files], view.octets, view.sha256,
        [CaseReport(str(int(account)), time_of(at)) for account, _message, at in reports],
        await _done(call, number),
    )  # fmt: skip


def _hop(one: dict[str, Any]) -> MessageHop:
    return MessageHop(
        bool(one.get("verified")),
        str(one.get("address", "")),
        str(one.get("from_name", "")),
        str(one.get("country", "")),
    )


def _reason(language: str, one: list[Any]) -> str:
    return reason_text(language, Reason(str(one[0]), float(one[1]), tuple(str(fact) for fact in one[2])))


async def _done(call: Call, number: int) -> list[CaseAction]:
    """Return the records of the case, the newest first; those of looks at it are among them."""
    row = (await call.services.cases.get(call.actor, number)).row
    query = AuditQuery(row.organization_id, since=row.opened_at, limit=MAX_DONE, action="case.")
    found = await call.services.audit.find(query)
    mine = [one.row.record for one in found if one.row.record.object == f"case:{number}"]
    return [CaseAction.from_row(one) for one in mine]


@api.get("/cases/{id}/recipients", "Recipients of a case.", "case.read", cli="case recipients", asks="handler")
async def _reach(call: Call) -> CaseRecipients:
    home, number = await call.may_here(), call.number()
    wave = await call.services.cases.wave(call.actor, number)
    if wave.is_empty:
        return CaseRecipients(0, 0, [])
    counts: dict[int, int] = {}
    for hit in await call.services.purges.find(home, wave):
        counts[int(hit.account_id)] = counts.get(int(hit.account_id), 0) + 1
    people = [CaseRecipient(str(account), number) for account, number in sorted(counts.items())[:MAX_PEOPLE]]
    return CaseRecipients(len(counts), sum(counts.values()), people)


@api.post(
    "/cases/{id}/message", "Text of the reported message; requires a reason.", "message.read", CaseAccessRequest,
    cli="case message",
)  # fmt: skip
async def _message(call: Call) -> CaseMessage:
    return CaseMessage(await call.services.cases.text(call.actor, call.number(), call.body.reason))


@api.post(
    "/cases/{id}/package", "Evidence package; requires a reason.", "message.read", CaseAccessRequest, stream=FILE,
    cli="case package",
)  # fmt: skip
async def _package(call: Call) -> None:
    """Answer the package: that it was taken, and why, is on record before a byte leaves."""
    number = call.number()
    octets = await call.services.cases.evidence(call.actor, number, call.body.reason)
    await call.file(octets, f"case-{number}.zip")
