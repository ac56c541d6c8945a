"""/organizations/{id}/merger and /domains/{name}/rename: moving all people or a whole domain, with a dry run."""

from typing import Annotated

from msgspec import Meta

from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import (
    Count,
    Day,
    DomainName,
    Id,
    Input,
    Output,
    Page,
    Time,
    milliseconds,
    part,
)
from smartmail.service.people.organization import MergerPlan
from smartmail.service.people.organization.moving import Merging, Moved, RenamingDomain

Months = Annotated[int, Meta(ge=0, le=36, description="How long old addresses stay; 0: for good.")]
KeptMonths = Annotated[int, Meta(ge=1, le=36, description="How long old addresses lead to the new accounts.")]
Reason = Annotated[str, Meta(max_length=500)]


class AddressMapping(Output, frozen=True):
    """An address and its new one."""

    address: str
    becomes: str


class MergerRefusal(Output, frozen=True):
    """A person who could not be moved, and why."""

    login: str
    reason: str


class MergerRequest(Input, frozen=True):
    """Move all people of an organization into a domain of another one. Without `apply` a dry run. `mailbox`: move
    messages, too; `at`: on that day instead of now; `reason`: for the approval.
    """

    domain: DomainName
    mailbox: bool = True
    months: KeptMonths = 6
    at: Day | None = None
    apply: bool = False
    reason: Reason = ""


class Merger(Output, frozen=True):
    """A merger. `clashes`: names that exist in the target; `numbers`: logins whose employee number exists there;
    `staying`: shared accounts, which are not moved; `done`: accounts moved or planned; `proposalId`: waits for
    approval.
    """

    people: Count
    done: Count
    clashes: list[AddressMapping]
    numbers: list[str]
    staying: list[str]
    refused: list[MergerRefusal]
    proposal_id: Id | None = None


class DomainRenameRequest(Input, frozen=True):
    """Rename all accounts, lists and aliases of a domain into another domain of the organization. Without `apply` a dry
    run.
    """

    domain: DomainName
    months: Months = 6
    apply: bool = False
    reason: Reason = ""


class DomainRename(Output, frozen=True):
    """Effect of renaming a domain. `clashes`: names that exist in the target; `moves`: lists and aliases; `proposalId`:
    waits for approval.
    """

    accounts: Count
    done: Count
    clashes: list[AddressMapping]
    moves: list[AddressMapping]
    proposal_id: Id | None = None


class MergerStatus(Output, frozen=True):
    """Progress of a planned merger, in people: waiting, moved, failed, cancelled."""

    domain: str
    effective_at: Time
    waiting: Count
    done: Count
    failed: Count
    cancelled: Count


class MergerCancelRequest(Input, frozen=True):
    """The target domain whose pending transfers are cancelled."""

    domain: DomainName


class MergerCancelResult(Output, frozen=True):
    """Number of transfers that were cancelled."""

    people: Count


api = Resource()


@api.post(
    "/organizations/{id}/merger", "Move all people of an organization to another one, or a dry run of it.",
    "account.change", MergerRequest, cli="organization merge domain",
)  # fmt: skip
async def _merge(call: Call) -> Merger:
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
    return Merger(
        len(plan.steps), moved.done, _becomes(plan.clashes), list(plan.numbers), list(plan.staying),
        [MergerRefusal(login, why) for login, why in moved.errors], _waits(moved),
    )  # fmt: skip


@api.get("/organizations/{id}/mergers", "Progress of planned mergers.", "account.change", cli="organization mergers")
async def _standings(call: Call) -> Page[MergerStatus]:
    source = OrganizationId(call.number())
    await call.may(Scope("organization", str(source)))
    rows = await call.services.organization.mergers.standings(call.actor, source)
    return part(
        rows, lambda one: f"{(1 << 50) - one.effective_at:016} {one.domain}", call.page,
        MergerStatus.from_row,
    )  # fmt: skip


@api.post(
    "/organizations/{id}/merger/cancel", "Cancel the pending transfers of a merger.", "account.change",
    MergerCancelRequest, cli="organization unmerge domain",
)  # fmt: skip
async def _end(call: Call) -> MergerCancelResult:
    source = OrganizationId(call.number())
    await call.may(Scope("organization", str(source)))
    return MergerCancelResult(await call.services.organization.mergers.cancel(call.actor, source, call.body.domain))


@api.post(
    "/domains/{name}/rename", "Rename a whole domain, or a dry run of it.", "domain.change", DomainRenameRequest,
    cli="organization move-domain domain",
)  # fmt: skip
async def _rename(call: Call) -> DomainRename:
    body, name = call.body, call.path["name"].lower()
    for one in (name, body.domain):
        await call.may(Scope("domain", one))
    organization = call.services.organization
    plan = await organization.domains.plan_rename(call.actor, name, body.domain, body.months)
    moved = Moved()
    if body.apply:
        asked = RenamingDomain(name, body.domain, body.months)
        moved = await organization.moves.rename(call.actor, asked, body.reason or call.reason)
    return DomainRename(
        len(plan.renamings), moved.done, _becomes(plan.clashes), _becomes(plan.moves), _waits(moved)
    )  # fmt: skip


def _waits(moved: Moved) -> str | None:
    return None if moved.proposal is None else str(moved.proposal.row.id)


def _becomes(pairs: tuple[tuple[str, str], ...]) -> list[AddressMapping]:
    return [AddressMapping(old, new) for old, new in pairs]
