"""/investigations, /destruction-register and /collectors: investigations, destroyed data, collectors of audit records."""

import asyncio
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from smartmail.domain import records
from smartmail.domain.account import DomainRow
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.records import SiemTarget
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.roles import OperationOutcome, outcome_told
from smartmail.edge.httpd.admin.shapes import (
    Count,
    Id,
    Input,
    Output,
    Page,
    Time,
    milliseconds,
    part,
)
from smartmail.formats import destruction_certificate, siem
from smartmail.service.operations.records.destroying import RegisterEntry

Why = Annotated[str, Meta(min_length=10, max_length=500, description="Ten characters at least.")]
Names = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,49}$", examples=["splunk"])]


class Investigation(Output, frozen=True):
    """A period in which access records of two persons are hidden from the owner of an account."""

    id: Id
    account_id: Id
    since: Time
    until: Time
    proposed_by: str
    confirmed_by: str
    confirmed_at: Time | None
    reason: str


class InvestigationCreate(Input, frozen=True):
    """An investigation to propose; another administrator confirms it."""

    account_id: Id
    until: datetime
    reason: Why


class CreatedId(Output, frozen=True):
    """The id of the created object."""

    id: Id


class DestructionRecord(Output, frozen=True):
    """An entry of the destruction register (파기 대장). `name`, `login`: of the person, while the organization's key
    exists.
    """

    id: Id
    at: Time
    kind: str
    subject: str
    login: str
    name: str
    ground: str
    reason: str
    actor: str
    consent: str
    method: str
    counts: dict[str, int]
    keys: list[str]


class DestructionRequest(Input, frozen=True):
    """The legal ground on which the data of a closed account are destroyed, and the reason."""

    ground: Annotated[str, Meta(min_length=1, max_length=200)]
    reason: Why


class DestructionDryRun(Output, frozen=True):
    """What would be destroyed, and what prevents it: accounts under legal hold, accounts that are not closed."""

    accounts: Count
    messages: Count
    octets: Count
    held: list[str]
    open: list[str]
    is_closed: bool


class DestructionCertificateLine(Output, frozen=True):
    """A line of a certificate."""

    label: str
    value: str


class DestructionCertificate(Output, frozen=True):
    """A certificate of destruction (파기 확인서) in the reader's language."""

    language: str
    title: str
    lines: list[DestructionCertificateLine]
    closing: str


class Collector(Output, frozen=True):
    """A collector of audit records (SIEM). `kinds` empty: all; `installation`: of all organizations; `waiting`: records
    that it does not have yet.
    """

    name: str
    format: str
    host: str
    port: int
    kinds: list[str]
    confirm: str
    state: str
    created_at: Time
    installation: bool
    waiting: Count


class CollectorCreate(Input, frozen=True):
    """A collector to add; `authority`: PEM of the authority that must have issued its certificate. `installation`: it
    gets the records of all organizations and of the installation itself.
    """

    name: Names
    host: Annotated[str, Meta(min_length=1, max_length=253)]
    port: Annotated[int, Meta(ge=1, le=65535)] = 6514
    format: Literal["rfc5424", "cef", "json"] = "rfc5424"
    kinds: Annotated[list[Annotated[str, Meta(max_length=20)]], Meta(max_length=10)] = []  # noqa: RUF012 -- msgspec copies it
    authority: Annotated[str, Meta(max_length=20_000)] = ""
    confirm: Annotated[
        Literal["close", "sent"], Meta(description="What counts as received: that it closes, or what was sent.")
    ] = "close"
    installation: bool = False


class CollectorUpdate(Input, frozen=True):
    """Resume or pause sending."""

    state: Literal["on", "off"]


api = Resource()
_SIEM = "/collectors/{target}"


@api.get("/investigations", "Investigations.", "investigation.run", cli="investigation list")
async def _investigations(call: Call) -> Page[Investigation]:
    await call.may_here()
    rows = await call.services.looks.investigations(call.actor)
    return part(rows, lambda one: one[0].id, call.page, lambda one: _investigation(*one))


@api.post(
    "/investigations", "Propose an investigation.", "investigation.run", InvestigationCreate, status=201,
    cli="investigation propose accountId",
)  # fmt: skip
async def _propose(call: Call) -> CreatedId:
    body, account_id = call.body, AccountId(int(call.body.account_id))
    await call.may(Scope("account", str(account_id)))
    made = call.services.looks.propose(call.actor, account_id, milliseconds(body.until), body.reason)
    return CreatedId(str(await made))


@api.post(
    "/investigations/{id}/confirm", "Confirm an investigation that another administrator proposed.",
    "investigation.run", cli="investigation confirm",
)  # fmt: skip
async def _confirm(call: Call) -> None:
    await call.may_here()
    await call.services.looks.confirm(call.actor, call.number())


@api.get(
    "/destruction-register", "The destruction register.", "destruction.read", cli="destruction list",
    columns="id at kind login subject ground actor",
)  # fmt: skip
async def _register(call: Call) -> Page[DestructionRecord]:
    rows = await call.services.destructions.register(call.actor, await call.may_here())
    return part(rows, lambda one: one.row.id, call.page, _entry)


@api.get(
    "/destruction-register/{id}/certificate", "A certificate of destruction.", "destruction.read",
    cli="destruction certificate",
)  # fmt: skip
async def _certificate(call: Call) -> DestructionCertificate:
    await call.may_here()
    one = await call.services.destructions.certificate(call.actor, call.number(), call.language)
    return DestructionCertificate.from_row(
        one, lines=[DestructionCertificateLine(label, value) for label, value in one.lines]
    )


@api.get(
    "/destruction-register/{id}/certificate-file", "A certificate of destruction as PDF.", "destruction.read",
    stream="application/pdf", cli="destruction certificate-file",
)  # fmt: skip
async def _certificate_file(call: Call) -> None:
    await call.may_here()
    number = call.number()
    one = await call.services.destructions.certificate(call.actor, number, call.language)
    octets = await asyncio.to_thread(destruction_certificate.pdf, one)
    await call.file(octets, f"destruction-{number}.pdf")


@api.post(
    "/accounts/{id}/destruction", "Destroy the data of a closed account.", "destruction.run", DestructionRequest,
    status=202, cli="destruction account",
)  # fmt: skip
async def _destroy(call: Call) -> OperationOutcome:
    body, account_id = call.body, await call.account()
    done = call.services.destructions.destroy_account(call.actor, account_id, body.ground, body.reason)
    return outcome_told(await done)


@api.post("/domains/{name}/close", "Stop serving a domain.", "domain.change", cli="organization close-domain")
async def _close_domain(call: Call) -> None:
    row = await _domain(call)
    await call.services.organization.domains.close(call.actor, row.name)


@api.get(
    "/domains/{name}/destruction", "Dry run of destroying the data of a domain.", "destruction.read",
    cli="destruction preview-domain",
)  # fmt: skip
async def _extent_of_domain(call: Call) -> DestructionDryRun:
    return await _extent(call, await _domain(call))


async def _extent(call: Call, row: DomainRow) -> DestructionDryRun:
    return DestructionDryRun.from_row(
        await call.services.account_life.wholes.extent(call.actor, row.organization_id, row.name)
    )


@api.post(
    "/domains/{name}/destruction", "Destroy the data of a closed domain.", "destruction.run", DestructionRequest,
    status=202, cli="destruction domain",
)  # fmt: skip
async def _destroy_domain(call: Call) -> OperationOutcome:
    row, body = await _domain(call), call.body
    done = call.services.account_life.wholes.destroy(
        call.actor, row.organization_id, row.name, body.ground, body.reason
    )
    return outcome_told(await done)


@api.get(
    "/organizations/{id}/destruction", "Dry run of destroying the data of an organization.", "destruction.read",
    cli="destruction preview-organization",
)  # fmt: skip
async def _extent_of_company(call: Call) -> DestructionDryRun:
    await call.may(Scope("system"))
    return DestructionDryRun.from_row(
        await call.services.account_life.wholes.extent(call.actor, OrganizationId(call.number()))
    )


@api.post(
    "/organizations/{id}/destruction", "Destroy the data of a closed organization.", "destruction.run",
    DestructionRequest, status=202, cli="destruction organization",
)  # fmt: skip
async def _destroy_company(call: Call) -> OperationOutcome:
    await call.may(Scope("system"))
    body, number = call.body, OrganizationId(call.number())
    done = call.services.account_life.wholes.destroy(call.actor, number, "", body.ground, body.reason)
    return outcome_told(await done)


async def _domain(call: Call) -> DomainRow:
    """Return the domain of the path. Raises NotFound also where it is another company's, Forbidden."""
    name = call.path["name"].lower()
    await call.may(Scope("domain", name))
    return await call.services.administration.domain(name)


@api.get(
    "/collectors", "Collectors of audit records.", "siem.read", cli="siem list",
    columns="name host port format kinds state installation waiting",
)  # fmt: skip
async def _targets(call: Call) -> Page[Collector]:
    await call.holds()
    targets = await call.services.collectors.targets(call.actor)
    waiting = {one.name: await call.services.forwarding.waiting(one) for one in targets}
    return part(targets, lambda one: one.name, call.page, lambda one: _collector(one, waiting[one.name]))


@api.post("/collectors", "Add a collector.", "siem.change", CollectorCreate, status=201, cli="siem add name host")
async def _new_target(call: Call) -> Collector:
    body = call.body
    if body.installation:
        await call.may(Scope("system"))
    home = OrganizationId(0) if body.installation else await call.may_here()
    wanted = SiemTarget(
        0, body.name, body.format, body.host, body.port, tuple(body.kinds), body.authority, body.confirm, "on", home, 0
    )
    return await _counted(call, await call.services.collectors.add(call.actor, wanted))


@api.patch(
    _SIEM, "Pause or resume a collector.", "siem.change", CollectorUpdate,
    cli=("siem on state=on", "siem off state=off"),
)  # fmt: skip
async def _turn(call: Call) -> Collector:
    name = await _seen(call)
    return await _counted(call, await call.services.collectors.turn(call.actor, name, on=call.body.state == "on"))


@api.delete(_SIEM, "Remove a collector.", "siem.change", cli="siem remove")
async def _remove(call: Call) -> None:
    await call.services.collectors.remove(call.actor, await _seen(call))


@api.post(f"{_SIEM}/test", "Send a test record to a collector.", "siem.change", cli="siem test")
async def _test(call: Call) -> None:
    await call.services.collectors.test(call.actor, await _seen(call))


@api.get(
    "/collector-fields", "What the fields of records sent to collectors mean.", stream="application/json",
    cli="siem dictionary",
)  # fmt: skip
async def _fields(call: Call) -> None:
    call.open_to_all()
    await call.answer.whole(
        200, msgspec.json.format(msgspec.json.encode(siem.dictionary()), indent=1), "application/json"
    )


async def _seen(call: Call) -> str:
    """Return the name of the path, where the caller may see a collector of it. Raises NotFound, Forbidden."""
    await call.holds()
    name = call.path["target"]
    if all(one.name != name for one in await call.services.collectors.targets(call.actor)):
        raise NotFound
    return name


async def _counted(call: Call, one: SiemTarget) -> Collector:
    return _collector(one, await call.services.forwarding.waiting(one))


def _collector(one: SiemTarget, waiting: int) -> Collector:
    return Collector.from_row(one, installation=not one.organization_id, waiting=waiting)


def _investigation(one: records.Investigation, reason: str) -> Investigation:
    return Investigation.from_row(one, reason=reason)


def _entry(one: RegisterEntry) -> DestructionRecord:
    row = one.row
    return DestructionRecord.from_row(row, login=one.login, name=one.name, reason=one.reason, counts=dict(row.counts))
