"""/organizations/{id}/merger and /domains/{name}/renaming: what bringing people elsewhere would do, and doing it."""

from typing import Annotated

from msgspec import Meta

from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.shapes import (
    Asked,
    Count,
    DomainName,
    Id,
    Page,
    Time,
    Told,
    milliseconds,
    part,
    time_of,
)
from smartmail.service.organization import MergerPlan
from smartmail.service.organization.moving import Merging, Moved, RenamingDomain

Months = Annotated[int, Meta(ge=0, le=36, description="How long old addresses stay; 0: for good.")]
KeptMonths = Annotated[int, Meta(ge=1, le=36, description="How long old addresses lead to the new accounts.")]
Reason = Annotated[str, Meta(max_length=500)]


class Becomes(Told, frozen=True):
    """An address, and what it becomes."""

    address: str
    becomes: str


class Refused(Told, frozen=True):
    """Who could not go, and why."""

    login: str
    reason: str


class MergerAsked(Asked, frozen=True):
    """Bring all people of the company into a domain of another one. Without `apply` it is only looked at.

    `mailbox`: mail goes along; `at`: on that day instead of now; `reason` where a second administrator is asked.
    """

    domain: DomainName
    mailbox: bool = True
    months: KeptMonths = 6
    at: Time | None = None
    apply: bool = False
    reason: Reason = ""


class MergerTold(Told, frozen=True):
    """A merger. `clashes`: names that are taken there; `numbers`: logins whose employee number is; `staying`: shared
    accounts, which stay. `done`: how many went, or were planned; `proposalId`: it waits for another administrator.
    """

    people: Count
    done: Count
    clashes: list[Becomes]
    numbers: list[str]
    staying: list[str]
    refused: list[Refused]
    proposal_id: Id | None = None


class DomainRenaming(Asked, frozen=True):
    """Give everybody in the domain, its lists and aliases names in another one of the company. Without `apply` it is only
    looked at.
    """

    domain: DomainName
    months: Months = 6
    apply: bool = False
    reason: Reason = ""


class DomainRenamed(Told, frozen=True):
    """What it came to. `clashes`: names that are taken there; `moves`: lists and aliases; `proposalId`: it waits for another
    administrator.
    """

    accounts: Count
    done: Count
    clashes: list[Becomes]
    moves: list[Becomes]
    proposal_id: Id | None = None


class MergerStandingTold(Told, frozen=True):
    """How far a planned merger is: its people who wait, went, could not go, were taken back."""

    domain: str
    effective_at: Time
    waiting: Count
    done: Count
    failed: Count
    cancelled: Count


class MergerEnd(Asked, frozen=True):
    """The domain into which nobody shall go any more."""

    domain: DomainName


class MergerEnded(Told, frozen=True):
    """How many transfers were taken back."""

    people: Count


async def _standings(call: Call) -> Page[MergerStandingTold]:
    source = OrganizationId(call.number())
    await call.may(Scope("organization", str(source)))
    rows = await call.services.organization.mergers.standings(call.actor, source)
    return part(
        rows, lambda one: f"{(1 << 50) - one.effective_at:016} {one.domain}", call.page,
        lambda one: MergerStandingTold(
            one.domain, time_of(one.effective_at), one.waiting, one.done, one.failed, one.cancelled
        ),
    )  # fmt: skip


async def _end(call: Call) -> MergerEnded:
    source = OrganizationId(call.number())
    await call.may(Scope("organization", str(source)))
    return MergerEnded(await call.services.organization.mergers.cancel(call.actor, source, call.body.domain))


async def _merge(call: Call) -> MergerTold:
    body, source = call.body, OrganizationId(call.number())
    await call.may(Scope("organization", str(source)))
    await call.may(Scope("domain", body.domain))
    organization = call.services.organization
    plan: MergerPlan = await organization.mergers.plan(
        call.actor, source, body.domain, mailbox=body.mailbox, months=body.months
    )
    moved = Moved()
    if body.apply:
        at = 0 if body.at is None else milliseconds(body.at)
        asked = Merging(int(source), body.domain, body.mailbox, body.months, at)
        moved = await organization.moves.merge(call.actor, asked, body.reason or call.reason)
    return MergerTold(
        len(plan.steps), moved.done, _becomes(plan.clashes), list(plan.numbers), list(plan.staying),
        [Refused(login, why) for login, why in moved.errors], _waits(moved),
    )  # fmt: skip


async def _rename(call: Call) -> DomainRenamed:
    body, name = call.body, call.path["name"].lower()
    for one in (name, body.domain):
        await call.may(Scope("domain", one))
    organization = call.services.organization
    plan = await organization.domains.plan_rename(call.actor, name, body.domain, body.months)
    moved = Moved()
    if body.apply:
        asked = RenamingDomain(name, body.domain, body.months)
        moved = await organization.moves.rename(call.actor, asked, body.reason or call.reason)
    return DomainRenamed(
        len(plan.renamings), moved.done, _becomes(plan.clashes), _becomes(plan.moves), _waits(moved)
    )  # fmt: skip


def _waits(moved: Moved) -> str | None:
    return None if moved.proposal is None else str(moved.proposal.row.id)


def _becomes(pairs: tuple[tuple[str, str], ...]) -> list[Becomes]:
    return [Becomes(old, new) for old, new in pairs]


OPERATIONS = (
    Operation(
        "POST", "/organizations/{id}/merger", "Bring all people of a company to another one, or see what it would do.",
        _merge, "account.change", MergerTold, MergerAsked,
    ),
    Operation(
        "GET", "/organizations/{id}/mergers", "How far planned mergers are.", _standings, "account.change",
        Page[MergerStandingTold], paged=True,
    ),
    Operation(
        "POST", "/organizations/{id}/merger/cancel", "Take back the transfers of a merger that wait.", _end,
        "account.change", MergerEnded, MergerEnd,
    ),
    Operation(
        "POST", "/domains/{name}/renaming", "Give a whole domain another name, or see what it would do.", _rename,
        "domain.change", DomainRenamed, DomainRenaming,
    ),
)  # fmt: skip
