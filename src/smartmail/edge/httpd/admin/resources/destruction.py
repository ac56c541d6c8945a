"""/investigations, /destruction-register and /siem-targets: looks that are hidden for a while, what was destroyed, who is told."""

import asyncio
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.account import DomainRow
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.records import Investigation, SiemTarget
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.roles import OutcomeTold, outcome_told
from smartmail.edge.httpd.admin.shapes import (
    Asked,
    Count,
    Id,
    Page,
    Time,
    Told,
    milliseconds,
    part,
    time_of,
    time_or_none,
)
from smartmail.formats import destruction_certificate
from smartmail.service.records import Extent
from smartmail.service.records.destroying import RegisterEntry

Why = Annotated[str, Meta(min_length=10, max_length=500, description="Ten characters at least.")]
Names = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,49}$", examples=["splunk"])]


class InvestigationTold(Told, frozen=True):
    """A time in which an account's person is not shown the looks of two others."""

    id: Id
    account_id: Id
    since: Time
    until: Time
    proposed_by: str
    confirmed_by: str
    confirmed_at: Time | None
    reason: str


class InvestigationNew(Asked, frozen=True):
    """An investigation to be proposed; another administrator confirms it."""

    account_id: Id
    until: datetime
    reason: Why


class MadeNumber(Told, frozen=True):
    """The number of what was made."""

    id: Id


class DestructionTold(Told, frozen=True):
    """An entry of the register (파기 대장). `name`, `login`: of the person, as long as the company's key opens them."""

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


class DestructionAsked(Asked, frozen=True):
    """On what ground a closed account's data are destroyed for good, and why now."""

    ground: Annotated[str, Meta(min_length=1, max_length=200)]
    reason: Why


class ExtentTold(Told, frozen=True):
    """What would be destroyed, and what keeps it: accounts under a legal hold, accounts that are not closed."""

    accounts: Count
    messages: Count
    octets: Count
    held: list[str]
    open: list[str]
    is_closed: bool


class CertificateLine(Told, frozen=True):
    """A line of a certificate."""

    label: str
    value: str


class DestructionCertificate(Told, frozen=True):
    """A certificate of destruction (파기 확인서) in the reader's language."""

    language: str
    title: str
    lines: list[CertificateLine]
    closing: str


class TargetTold(Told, frozen=True):
    """A collector of records. `kinds` empty: all."""

    name: str
    format: str
    host: str
    port: int
    kinds: list[str]
    confirm: str
    state: str
    created_at: Time


class TargetNew(Asked, frozen=True):
    """A collector to be told; `authority`: PEM of the authority that its certificate must be of."""

    name: Names
    host: Annotated[str, Meta(min_length=1, max_length=253)]
    port: Annotated[int, Meta(ge=1, le=65535)] = 6514
    format: Literal["rfc5424", "cef", "json"] = "rfc5424"
    kinds: Annotated[list[Annotated[str, Meta(max_length=20)]], Meta(max_length=10)] = []  # noqa: RUF012 -- msgspec copies it
    authority: Annotated[str, Meta(max_length=20_000)] = ""
    confirm: Literal["close", "sent"] = "close"


class TargetPatch(Asked, frozen=True):
    """Send to it, or let it wait."""

    state: Literal["on", "off"]


async def _investigations(call: Call) -> Page[InvestigationTold]:
    await call.may_here()
    rows = await call.services.looks.investigations(call.actor)
    return part(rows, lambda one: one[0].id, call.page, lambda one: _investigation(*one))


async def _propose(call: Call) -> MadeNumber:
    body, account_id = call.body, AccountId(int(call.body.account_id))
    await call.may(Scope("account", str(account_id)))
    made = call.services.looks.propose(call.actor, account_id, milliseconds(body.until), body.reason)
    return MadeNumber(str(await made))


async def _confirm(call: Call) -> None:
    await call.may_here()
    await call.services.looks.confirm(call.actor, call.number())


async def _register(call: Call) -> Page[DestructionTold]:
    rows = await call.services.destructions.register(call.actor, await call.may_here())
    return part(rows, lambda one: one.row.id, call.page, _entry)


async def _certificate(call: Call) -> DestructionCertificate:
    await call.may_here()
    one = await call.services.destructions.certificate(call.actor, call.number(), call.language)
    return DestructionCertificate(
        one.language, one.title, [CertificateLine(label, value) for label, value in one.lines], one.closing
    )


async def _certificate_file(call: Call) -> None:
    await call.may_here()
    number = call.number()
    one = await call.services.destructions.certificate(call.actor, number, call.language)
    octets = await asyncio.to_thread(destruction_certificate.pdf, one)
    name = f'attachment; filename="destruction-{number}.pdf"'
    await call.answer.whole(200, octets, "application/pdf", [("content-disposition", name)])


async def _destroy(call: Call) -> OutcomeTold:
    body, account_id = call.body, await call.account()
    done = call.services.destructions.destroy_account(call.actor, account_id, body.ground, body.reason)
    return outcome_told(await done)


async def _extent_of_domain(call: Call) -> ExtentTold:
    return await _extent(call, await _domain(call))


async def _extent_of_company(call: Call) -> ExtentTold:
    await call.may(Scope("system"))
    return _extent_told(await call.services.account_life.wholes.extent(call.actor, OrganizationId(call.number())))


async def _extent(call: Call, row: DomainRow) -> ExtentTold:
    return _extent_told(await call.services.account_life.wholes.extent(call.actor, row.organization_id, row.name))


async def _destroy_domain(call: Call) -> OutcomeTold:
    row, body = await _domain(call), call.body
    done = call.services.account_life.wholes.destroy(
        call.actor, row.organization_id, row.name, body.ground, body.reason
    )
    return outcome_told(await done)


async def _destroy_company(call: Call) -> OutcomeTold:
    await call.may(Scope("system"))
    body, number = call.body, OrganizationId(call.number())
    done = call.services.account_life.wholes.destroy(call.actor, number, "", body.ground, body.reason)
    return outcome_told(await done)


async def _close_domain(call: Call) -> None:
    row = await _domain(call)
    await call.services.organization.domains.close(call.actor, row.name)


async def _domain(call: Call) -> DomainRow:
    """Return the domain of the path. Raises NotFound also where it is another company's, Forbidden."""
    name = call.path["name"].lower()
    await call.may(Scope("domain", name))
    return await call.services.administration.domain(name)


def _extent_told(one: Extent) -> ExtentTold:
    return ExtentTold(one.accounts, one.messages, one.octets, list(one.held), list(one.open), one.is_closed)


async def _targets(call: Call) -> Page[TargetTold]:
    await call.may_here()
    return part(await call.services.collectors.targets(call.actor), lambda one: one.name, call.page, _target)


async def _new_target(call: Call) -> TargetTold:
    body, home = call.body, await call.may_here()
    wanted = SiemTarget(
        0, body.name, body.format, body.host, body.port, tuple(body.kinds), body.authority, body.confirm, "on", home, 0
    )
    return _target(await call.services.collectors.add(call.actor, wanted))


async def _turn(call: Call) -> TargetTold:
    name = await _own(call)
    return _target(await call.services.collectors.turn(call.actor, name, on=call.body.state == "on"))


async def _remove(call: Call) -> None:
    await call.services.collectors.remove(call.actor, await _own(call))


async def _test(call: Call) -> None:
    await call.services.collectors.test(call.actor, await _own(call))


async def _own(call: Call) -> str:
    """Return the name of the path, where the company has a collector of it. Raises NotFound, Forbidden."""
    home, name = await call.may_here(), call.path["target"]
    rows = await call.services.collectors.targets(call.actor)
    if not any(one.name == name and one.organization_id == home for one in rows):
        raise NotFound
    return name


def _investigation(one: Investigation, reason: str) -> InvestigationTold:
    return InvestigationTold(
        str(one.id), str(one.account_id), time_of(one.since), time_of(one.until), one.proposed_by, one.confirmed_by,
        time_or_none(one.confirmed_at), reason,
    )  # fmt: skip


def _entry(one: RegisterEntry) -> DestructionTold:
    row = one.row
    return DestructionTold(
        str(row.id), time_of(row.at), row.kind, row.subject, one.login, one.name, row.ground, one.reason, row.actor,
        row.consent, row.method, dict(row.counts), list(row.keys),
    )  # fmt: skip


def _target(one: SiemTarget) -> TargetTold:
    return TargetTold(
        one.name, one.format, one.host, one.port, list(one.kinds), one.confirm, one.state, time_of(one.created_at)
    )


_SIEM = "/siem-targets/{target}"
OPERATIONS = (
    Operation(
        "GET", "/investigations", "Investigations.", _investigations, "investigation.run", Page[InvestigationTold],
        paged=True,
    ),
    Operation(
        "POST", "/investigations", "Propose one.", _propose, "investigation.run", MadeNumber, InvestigationNew, status=201
    ),
    Operation("POST", "/investigations/{id}/confirm", "Confirm another's.", _confirm, "investigation.run"),
    Operation(
        "GET", "/destruction-register", "What was destroyed.", _register, "destruction.read", Page[DestructionTold],
        paged=True,
    ),
    Operation(
        "GET", "/destruction-register/{id}/certificate", "A certificate of it.", _certificate, "destruction.read",
        DestructionCertificate,
    ),
    Operation(
        "GET", "/destruction-register/{id}/certificate-file", "A certificate of it as PDF.", _certificate_file,
        "destruction.read", stream="application/pdf",
    ),
    Operation(
        "POST", "/accounts/{id}/destruction", "Destroy a closed account's data for good.", _destroy, "destruction.run",
        OutcomeTold, DestructionAsked, status=202,
    ),
    Operation("POST", "/domains/{name}/close", "Serve a domain no more.", _close_domain, "domain.change"),
    Operation(
        "GET", "/domains/{name}/destruction", "What destroying a domain would come to.", _extent_of_domain,
        "destruction.read", ExtentTold,
    ),
    Operation(
        "POST", "/domains/{name}/destruction", "Destroy what a closed domain left, for good.", _destroy_domain,
        "destruction.run", OutcomeTold, DestructionAsked, status=202,
    ),
    Operation(
        "GET", "/organizations/{id}/destruction", "What destroying a company would come to.", _extent_of_company,
        "destruction.read", ExtentTold,
    ),
    Operation(
        "POST", "/organizations/{id}/destruction", "Destroy what a closed company left, for good.", _destroy_company,
        "destruction.run", OutcomeTold, DestructionAsked, status=202,
    ),
    Operation("GET", "/siem-targets", "Collectors of records.", _targets, "siem.read", Page[TargetTold], paged=True),
    Operation("POST", "/siem-targets", "Add one.", _new_target, "siem.change", TargetTold, TargetNew, status=201),
    Operation("PATCH", _SIEM, "Send, or wait.", _turn, "siem.change", TargetTold, TargetPatch),
    Operation("DELETE", _SIEM, "Forget one.", _remove, "siem.change"),
    Operation("POST", f"{_SIEM}/test", "Send one record that is none.", _test, "siem.change"),
)  # fmt: skip
