"""Identity/get, changes, set (RFC 8621 §6)."""

from collections.abc import Sequence
from typing import Any

import msgspec

from smartmail.domain.errors import Invalid, MailError
from smartmail.domain.ids import AccountId, IdentityId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, account_of
from smartmail.edge.httpd.jmap.object_type import ObjectType
from smartmail.edge.httpd.jmap.setting import Refused, refuse, unknown_properties, why
from smartmail.proto.jmap import submissions
from smartmail.proto.jmap.emails import EmailAddress
from smartmail.proto.jmap.errors import SetError
from smartmail.proto.jmap.submissions import (
    IDENTITY_SETTABLE,
    IdentityCreate,
)
from smartmail.service.mailbox.identities import Identity, IdentityText, is_of_alias

MAX_SIGNATURE = 64 * 1024
"""Characters; a signature stands in every mail."""


async def _all(call: Call, account_id: AccountId) -> list[Identity]:
    return await call.context.services.identities.list_all(call.context.actor, account_id)


async def _every(call: Call, account_id: AccountId) -> dict[str, submissions.Identity]:
    every = {one.row.id: one for one in await _all(call, account_id)}
    return {ids.show(ids.IDENTITY, key): _show(one, account_id, first=min(every)) for key, one in every.items()}


def _show(identity: Identity, account_id: AccountId, *, first: IdentityId) -> submissions.Identity:
    # The first one, which every account starts with, stays: that of all others does not depend on what is made or
    # destroyed beside them, as a property of an object that no change tells of must not.
    text = identity.text
    may_delete = identity.row.id != first and identity.owner is None and not is_of_alias(identity.row.id)
    return submissions.Identity(
        id=ids.show(ids.IDENTITY, identity.row.id),
        name=text.name,
        email=identity.row.address,
        reply_to=_boxes(text.reply_to),
        bcc=_boxes(text.bcc),
        text_signature=text.text_signature,
        html_signature=text.html_signature,
        may_delete=may_delete,
        account_id=ids.show(ids.ACCOUNT, identity.owner or account_id),
    )


def _boxes(pairs: Sequence[tuple[str, str]]) -> list[EmailAddress] | None:
    return [EmailAddress(address, name or None) for name, address in pairs] or None


async def _create(call: Call, account_id: AccountId, raw: dict[str, Any]) -> dict[str, Any]:
    bad = unknown_properties(raw, IDENTITY_SETTABLE | {"email"})
    if bad or "email" not in raw:
        raise refuse(*bad or ["email"])
    wish = _converted(raw)
    row = await call.context.services.identities.put(call.context.actor, account_id, None, wish.email, _text(wish))
    return {"id": ids.show(ids.IDENTITY, row.id), "mayDelete": True}


async def _update(call: Call, account_id: AccountId, target: str, patch: dict[str, Any]) -> None:
    identity = await _one(call, account_id, target)
    first = min(one.row.id for one in await _all(call, account_id))
    current = msgspec.to_builtins(_show(identity, account_id, first=first))
    bad = [name for name, value in patch.items() if name not in IDENTITY_SETTABLE and current.get(name) != value]
    if bad:
        raise refuse(*bad)
    # RFC 8620 §5.3: null puts a property back to its default.
    merged = {name: value for name, value in {**current, **patch}.items() if value is not None}
    wish = _converted({name: merged[name] for name in merged.keys() & (IDENTITY_SETTABLE | {"email"})})
    await call.context.services.identities.put(
        call.context.actor, account_id, identity.row.id, identity.row.address, _text(wish)
    )


async def _destroy(call: Call, account_id: AccountId, target: str) -> None:
    identity = await _one(call, account_id, target)
    if identity.row.id == min(one.row.id for one in await _all(call, account_id)):
        raise Refused(SetError("forbidden", "the first identity stays"))
    await call.context.services.identities.destroy(call.context.actor, account_id, identity.row.id)


async def _one(call: Call, account_id: AccountId, target: str) -> Identity:
    number = ids.parse(ids.IDENTITY, target)
    for identity in await _all(call, account_id):
        if identity.row.id == number:
            return identity
    raise Refused(SetError("notFound"))


def _converted(raw: dict[str, Any]) -> IdentityCreate:
    try:
        wish = msgspec.convert(raw, IdentityCreate)
    except msgspec.ValidationError as error:
        bad = [name for name in raw if f"$.{name}" in str(error)]
        raise refuse(*bad or ["email"], description=str(error)[:200]) from None
    long = [name for name in ("textSignature", "htmlSignature", "name") if len(raw.get(name, "")) > MAX_SIGNATURE]
    if long:
        raise refuse(*long)
    return wish


def _text(wish: IdentityCreate) -> IdentityText:
    return IdentityText(wish.name, _pairs(wish.reply_to), _pairs(wish.bcc), wish.text_signature, wish.html_signature)


def _pairs(boxes: Sequence[EmailAddress] | None) -> tuple[tuple[str, str], ...]:
    return tuple((one.name or "", one.email) for one in boxes or ())


def _told(error: Refused | MailError) -> SetError:
    if isinstance(error, Invalid):
        # RFC 8621 §6.3: the person may not send as this address.
        return SetError("forbiddenFrom", error.public)
    return why(error)


TYPE = ObjectType(
    shape=submissions.Identity,
    on_request=("accountId",),
    account=account_of,
    every=_every,
    kind="identity",
    letter=ids.IDENTITY,
    create=_create,
    update=_update,
    destroy=_destroy,
    told=_told,
)
