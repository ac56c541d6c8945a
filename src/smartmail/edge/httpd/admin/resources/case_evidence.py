"""/cases/{id}/…: the evidence of a case, who has the mail, what was done; its text and its package for a reason."""

from typing import Annotated, Any

from msgspec import Meta

from smartmail.domain.audit import AuditQuery
from smartmail.domain.inspection import Reason
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.shapes import Asked, Count, Id, Time, Told, time_of
from smartmail.service.inspection.wording import reason_text

FILE = "application/zip"
MAX_DONE = 500
MAX_PEOPLE = 1_000
Why = Annotated[str, Meta(min_length=10, max_length=1000, description="Ten characters at least; kept with the record.")]


class FieldTold(Told, frozen=True):
    """A line of the header."""

    name: str
    value: str


class HopTold(Told, frozen=True):
    """A host that handed it on. `verified`: seen by a host of ours, all others are claims."""

    verified: bool
    address: str
    name: str
    country: str


class ProofTold(Told, frozen=True):
    """A result of SPF, DKIM, DMARC, ARC."""

    method: str
    result: str


class WeighedTold(Told, frozen=True):
    """Why it was judged as it was."""

    weight: float
    text: str


class FileTold(Told, frozen=True):
    """An attachment by its hash; `sha256` "" for one too large to be read whole."""

    name: str
    media_type: str
    size: Count
    sha256: str


class ReportedTold(Told, frozen=True):
    """Who reported it."""

    account_id: Id
    at: Time


class DoneTold(Told, frozen=True):
    """What was done about the case."""

    at: Time
    actor: str
    action: str


class CaseEvidenceTold(Told, frozen=True):
    """The evidence without what the message says. Lists are those of all reports; header, way and files of the first."""

    headers: list[FieldTold]
    hops: list[HopTold]
    proofs: list[ProofTold]
    reasons: list[WeighedTold]
    nature: str
    country: str
    senders: list[str]
    message_ids: list[str]
    hosts: list[str]
    urls: list[str]
    addresses: list[str]
    files: list[FileTold]
    octets: Count
    sha256: str
    reports: list[ReportedTold]
    done: list[DoneTold]


class HolderTold(Told, frozen=True):
    """A person in whose mailboxes mail of the case lies."""

    account_id: Id
    messages: Count


class CaseReach(Told, frozen=True):
    """Who has mail of the case; `accounts` and `messages` count all, `people` are the first thousand."""

    accounts: Count
    messages: Count
    people: list[HolderTold]


class CaseReason(Asked, frozen=True):
    """Why it is opened."""

    reason: Why


class CaseMessageTold(Told, frozen=True):
    """What the message says, as plain text."""

    text: str


async def _evidence(call: Call) -> CaseEvidenceTold:
    await call.may_here()
    number = call.number()
    cases = call.services.cases
    text, view = (await cases.get(call.actor, number)).text, await cases.look(call.actor, number)
    reports = await cases.reporters(call.actor, number)
    return CaseEvidenceTold(
        [FieldTold(name, value) for name, value in view.headers],
        [_hop(one) for one in view.route.get("hops", ())],
        [ProofTold(str(one[0]), str(one[1])) for one in view.route.get("authentication", ())],
        [WeighedTold(float(one[1]), _reason(call.language, one)) for one in view.route.get("reasons", ())],
        str(view.route.get("nature", "")), str(view.route.get("country", "")), list(text.senders),
        list(text.message_ids), list(text.hosts), list(text.urls), list(text.addresses),
        [FileTold(one.name, one.media_type, one.size, one.sha256) for one in view.files], view.octets, view.sha256,
        [ReportedTold(str(int(account)), time_of(at)) for account, _message, at in reports],
        await _done(call, number),
    )  # fmt: skip


def _hop(one: dict[str, Any]) -> HopTold:
    return HopTold(
        bool(one.get("verified")),
        str(one.get("address", "")),
        str(one.get("from_name", "")),
        str(one.get("country", "")),
    )


def _reason(language: str, one: list[Any]) -> str:
    return reason_text(language, Reason(str(one[0]), float(one[1]), tuple(str(fact) for fact in one[2])))


async def _done(call: Call, number: int) -> list[DoneTold]:
    """Return the records of the case, the newest first; those of looks at it are among them."""
    row = (await call.services.cases.get(call.actor, number)).row
    query = AuditQuery(row.organization_id, since=row.opened_at, limit=MAX_DONE, action="case.")
    found = await call.services.audit.find(query)
    mine = [one.row.record for one in found if one.row.record.object == f"case:{number}"]
    return [DoneTold(time_of(one.at), one.actor, one.action) for one in mine]


async def _reach(call: Call) -> CaseReach:
    home, number = await call.may_here(), call.number()
    wave = await call.services.cases.wave(call.actor, number)
    if wave.is_empty:
        return CaseReach(0, 0, [])
    counts: dict[int, int] = {}
    for hit in await call.services.purges.find(home, wave):
        counts[int(hit.account_id)] = counts.get(int(hit.account_id), 0) + 1
    people = [HolderTold(str(account), number) for account, number in sorted(counts.items())[:MAX_PEOPLE]]
    return CaseReach(len(counts), sum(counts.values()), people)


async def _message(call: Call) -> CaseMessageTold:
    await call.may_here()
    return CaseMessageTold(await call.services.cases.text(call.actor, call.number(), call.body.reason))


async def _package(call: Call) -> None:
    """Answer the package: that it was taken, and why, is on record before a byte leaves."""
    await call.may_here()
    number = call.number()
    octets = await call.services.cases.evidence(call.actor, number, call.body.reason)
    name = f'attachment; filename="case-{number}.zip"'
    await call.answer.whole(200, octets, FILE, [("content-disposition", name)])


OPERATIONS = (
    Operation("GET", "/cases/{id}/evidence", "The evidence without what the message says.", _evidence, "case.read",
              CaseEvidenceTold),
    Operation("GET", "/cases/{id}/recipients", "Who has mail of the case.", _reach, "case.read", CaseReach),
    Operation("POST", "/cases/{id}/message", "What the message says, for a reason.", _message, "message.read",
              CaseMessageTold, CaseReason),
    Operation("POST", "/cases/{id}/package", "The evidence package, for a reason.", _package, "message.read",
              body=CaseReason, stream=FILE),
)  # fmt: skip
