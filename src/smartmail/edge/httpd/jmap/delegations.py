"""Delegation/get, changes, set: our own type for rights on a whole account, sending among them.

RFC 9670 shares objects; an account is none. A delegation's id is its principal's: there is one for each. Who gets sendAs or
sendOnBehalf finds the account's identities among their own (RFC 8621 §6).
"""

from typing import Any

import msgspec

from smartmail.domain.errors import Invalid, MailError, NotFound, PolicyRejected
from smartmail.domain.ids import AccountId
from smartmail.domain.rights import LETTERS, NO_END, SHARE_ROLES, WHOLE_ACCOUNT, Grant, Grantee, share_role
from smartmail.edge.httpd.jmap.context import Call, account_of, parse_time, show_time
from smartmail.edge.httpd.jmap.object_type import ObjectType
from smartmail.edge.httpd.jmap.principals import parse_principal, show_principal
from smartmail.edge.httpd.jmap.setting import Refused, refuse, why
from smartmail.proto.jmap.core import ChangesAnswer, ChangesArguments
from smartmail.proto.jmap.errors import MethodError, SetError
from smartmail.proto.jmap.principals import Delegation, DelegationCreate, DelegationPatch
from smartmail.service.mailbox.sharing import EndsInThePast


async def _all(call: Call, account_id: AccountId) -> list[Grant]:
    return await call.context.services.sharing.grants(call.context.actor, account_id, WHOLE_ACCOUNT)


async def _every(call: Call, account_id: AccountId) -> dict[str, Delegation]:
    shown = (_show(show_principal(one.grantee), one) for one in await _all(call, account_id))
    return {one.id: one for one in shown}


async def _state(call: Call, account_id: AccountId) -> str:
    return str(await call.context.services.sharing.state(call.context.actor, account_id))


def _show(identity: str, grant: Grant) -> Delegation:
    order = [*LETTERS, "sendAs", "sendOnBehalf"]
    ends = show_time(grant.ends_at) if grant.ends_at else None
    return Delegation(identity, identity, [one for one in order if one in grant.rights], share_role(grant.rights), ends)


async def changes(call: Call, arguments: ChangesArguments) -> ChangesAnswer:
    """Delegation/changes: after any change all delegations are read again."""
    return await TYPE.changes(call, arguments)


async def _create(call: Call, account_id: AccountId, raw: dict[str, Any]) -> dict[str, Any]:
    try:
        wish = msgspec.convert(raw, DelegationCreate)
    except msgspec.ValidationError as error:
        raise refuse("principalId", "rights", "role", description=str(error)[:200]) from None
    grantee = parse_principal(wish.principal_id)
    if grantee is None:
        raise refuse("principalId")
    rights = _rights(wish.role, wish.rights)
    if not rights:
        raise refuse("rights")
    ends_at = _moment(wish.ends)
    try:
        await _give(call, account_id, grantee, rights, ends_at)
    except NotFound:
        raise refuse("principalId") from None
    made = _show(wish.principal_id, Grant(account_id, WHOLE_ACCOUNT, grantee, rights))
    return {"id": made.id, "rights": made.rights, "role": made.role}


async def _update(call: Call, account_id: AccountId, target: str, patch: dict[str, Any]) -> None:
    try:
        wish = msgspec.convert(patch, DelegationPatch)
    except msgspec.ValidationError as error:
        raise refuse("rights", "role", description=str(error)[:200]) from None
    rights = _rights(wish.role, wish.rights)
    if not rights:
        raise refuse("rights")
    ends_at = None if wish.ends is msgspec.UNSET else _moment(wish.ends)
    await _give(call, account_id, await _known(call, account_id, target), rights, ends_at)


async def _destroy(call: Call, account_id: AccountId, target: str) -> None:
    await _give(call, account_id, await _known(call, account_id, target), frozenset())


def _moment(ends: str | None) -> int:
    try:
        return NO_END if ends is None else parse_time(ends)
    except MethodError:
        raise refuse("ends") from None


def _rights(role: str | None, rights: list[str]) -> frozenset[str]:
    if role is None:
        return frozenset(rights)
    for name, letters in SHARE_ROLES.items():
        if name == role:
            return letters | frozenset(rights)
    raise refuse("role")


async def _known(call: Call, account_id: AccountId, target: str) -> Grantee:
    for grant in await _all(call, account_id):
        if show_principal(grant.grantee) == target:
            return grant.grantee
    raise Refused(SetError("notFound"))


async def _give(
    call: Call, account_id: AccountId, grantee: Grantee, rights: frozenset[str], ends_at: int | None = None
) -> None:
    await call.context.services.sharing.share(call.context.actor, account_id, WHOLE_ACCOUNT, grantee, rights, ends_at)


def _told(error: Refused | MailError) -> SetError:
    if isinstance(error, EndsInThePast):
        return SetError("invalidProperties", error.public, ["ends"])
    if isinstance(error, Invalid):
        return SetError("invalidProperties", error.public, ["rights"])
    if isinstance(error, PolicyRejected):
        return SetError("forbidden", error.public)
    return why(error)


TYPE = ObjectType(
    shape=Delegation,
    account=account_of,
    every=_every,
    state=_state,
    create=_create,
    update=_update,
    destroy=_destroy,
    told=_told,
)
