"""/aliases, /lists, /approvals: aliases, distribution lists, and messages that wait for approval."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from smartmail.domain.addressing import ListText, Member, Moderation, ReplyTo, Rewriting, StandIn, StandInKind
from smartmail.domain.errors import NotFound
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, number_of
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Address, Id, Input, Output, Page, Time, part
from smartmail.formats.address import split_address
from smartmail.service.flow import approvals

AddressText = Annotated[str, Meta(min_length=2, max_length=320)]
Addresses = Annotated[list[AddressText], Meta(min_length=1, max_length=500)]


class Alias(Output, frozen=True):
    """An alias with its targets; lists show them to who may read the domains."""

    address: str
    targets: list[str]


class AliasUpdate(Input, frozen=True):
    """The targets of an alias."""

    targets: Addresses


class RetireQuery(Input, frozen=True):
    """`forget`: the address may be given to another account afterwards."""

    forget: bool = False


class DistributionList(Output, frozen=True):
    """A distribution list."""

    address: str
    name: str
    owners: list[str]
    moderators: list[str]
    post: str
    moderation: str
    reply_to: str
    prefix: str
    max_octets: int
    attachments: bool
    unsubscribe: bool
    rewriting: str
    notice: bool


class DistributionListUpdate(Input, frozen=True):
    """A merge patch (RFC 7396)."""

    name: Annotated[str, Meta(min_length=1, max_length=200)] | UnsetType = UNSET
    owners: Addresses | UnsetType = UNSET
    moderators: Annotated[list[AddressText], Meta(max_length=500)] | UnsetType = UNSET
    post: Literal["anyone", "inside", "members", "moderators"] | UnsetType = UNSET
    moderation: Moderation | UnsetType = UNSET
    reply_to: ReplyTo | UnsetType = UNSET
    prefix: Annotated[str, Meta(max_length=100)] | UnsetType = UNSET
    max_octets: Annotated[int, Meta(ge=0, le=1 << 40)] | UnsetType = UNSET
    attachments: bool | UnsetType = UNSET
    unsubscribe: bool | UnsetType = UNSET
    rewriting: Rewriting | UnsetType = UNSET
    notice: bool | UnsetType = UNSET


class DistributionListCreate(Input, frozen=True):
    """A distribution list to create."""

    address: Address
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    owners: Addresses
    post: Literal["anyone", "inside", "members", "moderators"] = "inside"


class DistributionListMember(Output, frozen=True):
    """A member of a list: an address, or the id of a group or department."""

    address: str
    group: int
    department: int


class Approval(Output, frozen=True):
    """A pending approval. `subject`: the list or other object; `subjectText`: the subject of the message. `state` held: no
    approver was found. `step` counts from 0 in the approval line `line`; `findings` are masked.
    """

    id: Id
    kind: str
    subject: str
    state: str
    asked_at: Time
    expires_at: Time
    account_id: Id | None
    sender: str | None
    subject_text: str | None
    recipients: int
    size: int
    reason: str
    line: str
    step: int
    findings: list[str]


class ApprovalQuery(Input, frozen=True):
    """In which state; `waiting` includes `held`: no approver was found."""

    state: Literal["waiting", "held", "approved", "rejected", "expired", "withdrawn", "released"] = "waiting"


class ApprovalDecision(Input, frozen=True):
    """The decision."""

    approve: bool
    note: Annotated[str, Meta(max_length=500)] = ""


api = Resource()
_ALIAS, _ONE_LIST = "/aliases/{address}", "/lists/{address}"
_MEMBER = f"{_ONE_LIST}/members/{{member}}"


async def _at(call: Call) -> str:
    """Return the address of the path, in a domain where the caller may do this. Raises NotFound, Forbidden."""
    address = call.path["address"].lower()
    await call.may(Scope("domain", split_address(address)[1]))
    return address


async def _standing(call: Call, kind: StandInKind) -> Page[StandIn]:
    """Return the part of all addresses of a kind that is asked for."""
    rows = await call.services.addressing.stand_ins.list_all(await call.may_here(), kind)
    return part(rows, lambda one: one.address, call.page, lambda one: one)


async def _sees_more(call: Call) -> bool:
    """Say whether the caller may see more of the company's addresses than that they are there."""
    whole = Scope("organization", str(call.home))
    return await call.services.authority.may(call.actor, "domain.read", whole)


@api.get("/aliases", "Aliases.", "organization.read", cli="alias list")
async def _aliases(call: Call) -> Page[Alias]:
    page, book = await _standing(call, "alias"), call.services.addressing.book
    if not await _sees_more(call):
        return Page([Alias(one.address, []) for one in page.items], page.next)
    return Page([Alias(one.address, list((await book.targets(one)).addresses)) for one in page.items], page.next)


@api.get(_ALIAS, "One alias.", "domain.read", cli="alias show")
async def _alias(call: Call) -> Alias:
    address = await _at(call)
    found = await call.services.addressing.stand_ins.targets(address, "alias")
    return Alias(address, list(found.addresses))


@api.put(_ALIAS, "Create or change an alias.", "domain.change", AliasUpdate, cli="alias put targets")
async def _put_alias(call: Call) -> Alias:
    address = await _at(call)
    made = await call.services.addressing.stand_ins.put_alias(call.actor, address, call.body.targets)
    return Alias(made.address, call.body.targets)


@api.delete(_ALIAS, "Remove an alias.", "domain.change", query=RetireQuery, cli="alias remove")
async def _retire(call: Call) -> None:
    await call.services.addressing.stand_ins.retire(call.actor, await _at(call), "alias", forget=call.query.forget)


@api.get(
    "/lists", "Distribution lists.", "organization.read", cli="list list", columns="address name owners post moderation"
)
async def _lists(call: Call) -> Page[DistributionList]:
    page, book = await _standing(call, "list"), call.services.addressing.book
    sees_more, nothing = await _sees_more(call), ListText("", ())
    texts = [await book.list_text(one) if sees_more else nothing for one in page.items]
    shown = [DistributionList.from_row(text, address=one.address) for one, text in zip(page.items, texts, strict=True)]
    return Page(shown, page.next)


@api.post(
    "/lists", "Create a distribution list.", "domain.change", DistributionListCreate, status=201,
    cli="list create address",
)  # fmt: skip
async def _new_list(call: Call) -> DistributionList:
    body = call.body
    await call.may(Scope("domain", split_address(body.address)[1].lower()))
    text = ListText(body.name, tuple(body.owners), post=body.post)
    made = await call.services.addressing.lists.create(call.actor, body.address, text)
    return await _shown(call, made.address)


@api.get(_ONE_LIST, "One distribution list.", "domain.read", cli="list show")
async def _list(call: Call) -> DistributionList:
    return await _shown(call, await _at(call))


@api.patch(_ONE_LIST, "Change a distribution list.", "domain.change", DistributionListUpdate, cli="list change")
async def _change_list(call: Call) -> DistributionList:
    address, asked = await _at(call), call.body
    text = await call.services.addressing.lists.text(address)
    names = (one.name for one in msgspec.structs.fields(asked))
    wanted = {name: value for name in names if (value := getattr(asked, name)) is not UNSET}
    wanted = {name: tuple(value) if isinstance(value, list) else value for name, value in wanted.items()}
    await call.services.addressing.lists.change(call.actor, address, msgspec.structs.replace(text, **wanted))
    return await _shown(call, address)


@api.delete(_ONE_LIST, "Remove a distribution list.", "domain.change", query=RetireQuery, cli="list remove")
async def _retire_list(call: Call) -> None:
    await call.services.addressing.stand_ins.retire(call.actor, await _at(call), "list", forget=call.query.forget)


async def _shown(call: Call, address: str) -> DistributionList:
    text = await call.services.addressing.lists.text(address)
    return DistributionList.from_row(text, address=address)


@api.get(f"{_ONE_LIST}/members", "Members of a distribution list.", "domain.read", cli="list members")
async def _members(call: Call) -> Page[DistributionListMember]:
    rows = await call.services.addressing.lists.members(await _at(call))
    return part(
        rows, lambda one: f"{one.address}|{one.group}|{one.department}", call.page,
        DistributionListMember.from_row,
    )  # fmt: skip


async def _member(call: Call, address: str) -> Member:
    """Return the member of a list that the path names: an address, `group:ID` or `department:CODE` (with those below it).

    Raises NotFound: a group or department of another company, or none.
    """
    text = call.path["member"]
    level, _, subject = text.partition(":")
    if level == "group":
        if (number := number_of(subject)) is None:
            raise NotFound
        await call.may(Scope("group", subject), "group.read")
        return Member(group=number)
    if level == "department":
        home = (await call.services.addressing.stand_ins.domain_of(address)).organization_id
        return Member(department=(await call.services.organization.departments.find(home, subject)).id, below=True)
    return Member(text.lower())


@api.put(
    _MEMBER, "Add a member to a distribution list: an address, `group:ID` or `department:CODE`.", "domain.change",
    cli="list add",
)  # fmt: skip
async def _put_member(call: Call) -> None:
    address = await _at(call)
    await call.services.addressing.lists.add(call.actor, address, [await _member(call, address)])


@api.delete(_MEMBER, "Remove a member from a distribution list.", "domain.change", cli="list drop")
async def _drop_member(call: Call) -> None:
    address = await _at(call)
    if not await call.services.addressing.lists.remove(call.actor, address, await _member(call, address)):
        raise NotFound


@api.get(
    "/approvals", "Pending approvals.", "queue.read", query=ApprovalQuery, cli="approval list",
    columns="id kind subject sender subjectText recipients askedAt expiresAt",
)  # fmt: skip
async def _approvals(call: Call) -> Page[Approval]:
    home = await call.may_here()
    rows = await call.services.addressing.approvals.list_all(call.query.state, home)
    hidden = await call.services.authority.masks(call.actor, "queue.read", Scope("organization", str(home)))
    return part(rows, lambda one: one.row.id, call.page, lambda one: _approval(one, hidden))


@api.post(
    "/approvals/{id}", "Approve or decline.", "queue.change", ApprovalDecision,
    cli=("approval approve approve=true", "approval reject approve=false --note"),
)  # fmt: skip
async def _decide(call: Call) -> None:
    home, number = await call.may_here(), call.number()
    if not any(one.row.id == number for one in await call.services.addressing.approvals.list_all(None, home)):
        raise NotFound
    body = call.body
    await call.services.addressing.approvals.decide(call.actor, number, approve=body.approve, note=body.note)


def _approval(one: approvals.Approval, hidden: frozenset[str]) -> Approval:
    row, text = one.row, one.text
    return Approval.from_row(
        row,
        sender=None if "addresses" in hidden else text.sender,
        subject_text=None if "subject" in hidden else text.subject,
        recipients=text.recipients,
        size=text.size,
        reason=text.reason,
        line=one.line.name if one.has_line else "",
        findings=[] if "body" in hidden else list(text.findings),
    )
