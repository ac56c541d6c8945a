"""/accounts/{id}/members: who works in a shared mailbox (대표메일), with which rights, until when."""

from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.policy import Scope
from smartmail.domain.rights import SEND_AS, SEND_ON_BEHALF, SHARE_ROLES, WHOLE_ACCOUNT, Grant, share_role
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Input, LastDay, Output, Page, Time, milliseconds, part, time_or_none

Whom = Annotated[
    str,
    Meta(min_length=1, max_length=320, description="An address, or group:NAME, department:CODE, domain:NAME."),
]
Sending = Literal["none", "as", "onBehalf"]
_SENDS: dict[Sending, frozenset[str]] = {
    "none": frozenset(), "as": frozenset({SEND_AS}), "onBehalf": frozenset({SEND_ON_BEHALF}),
}  # fmt: skip


class SharedMember(Output, frozen=True):
    """Who may work in a shared mailbox. `name` "": more than one person. `rights` may be `custom`; `until` null: no end."""

    whom: str
    name: str
    rights: str
    sending: Sending
    until: Time | None


class SharedMemberUpdate(Input, frozen=True):
    """Rights to give, in place of those held until now. `until`: the last day, null: no end."""

    whom: Whom
    rights: Literal["view", "file", "delete", "manage"] = "delete"
    sending: Sending = "as"
    until: LastDay | None = None


class SharedMemberQuery(Input, frozen=True):
    """Whose rights end."""

    whom: Whom


api = Resource(asks="handler")
_AT = "/accounts/{id}/members"


async def _shared(call: Call) -> AccountId:
    """Return the shared mailbox of the path. Raises Invalid for an account of a person: that is theirs to share."""
    account_id = AccountId(call.number())
    await call.may(Scope("account", str(account_id)))
    if (await call.services.directory.account(account_id)).kind != "shared":
        raise Invalid("only a shared mailbox has members", reason="member.shared")
    return account_id


@api.get(_AT, "Members of a shared mailbox.", "account.change")
async def _members(call: Call) -> Page[SharedMember]:
    account_id = await _shared(call)
    grants = await call.services.sharing.grants(call.actor, account_id, WHOLE_ACCOUNT)
    told = [await _told(call, one) for one in grants]
    return part(told, lambda one: one.whom, call.page, lambda one: one)


@api.put(_AT, "Give an account rights on a shared mailbox.", "account.change", SharedMemberUpdate)
async def _put(call: Call) -> None:
    account_id, body = await _shared(call), call.body
    grantee = await call.services.sharing.named(call.actor, body.whom)
    rights = SHARE_ROLES[body.rights] | _SENDS[body.sending]
    ends_at = 0 if body.until is None else milliseconds(body.until)
    await call.services.sharing.share(call.actor, account_id, WHOLE_ACCOUNT, grantee, rights, ends_at)


@api.delete(_AT, "Revoke an account's rights on a shared mailbox.", "account.change", query=SharedMemberQuery)
async def _drop(call: Call) -> None:
    account_id = await _shared(call)
    grantee = await call.services.sharing.named(call.actor, call.query.whom)
    await call.services.sharing.revoke(call.actor, account_id, WHOLE_ACCOUNT, grantee)


async def _told(call: Call, one: Grant) -> SharedMember:
    name = ""
    try:
        whom = await call.services.sharing.name_of(call.actor, one.grantee)
        if one.grantee.kind == "account":
            name = (await call.services.directory.account(AccountId(one.grantee.id))).name
    except NotFound:
        whom = f"{one.grantee.kind}:{one.grantee.id}"
    sending: Sending = "as" if SEND_AS in one.rights else "onBehalf" if SEND_ON_BEHALF in one.rights else "none"
    return SharedMember(whom, name, share_role(one.rights), sending, time_or_none(one.ends_at))
