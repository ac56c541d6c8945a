"""ContactCard/get, changes, set, copy (RFC 9610 §3): JSContact with `id`, `addressBookIds`, and pictures by blobId.

A picture that was uploaded becomes part of its card: it comes back as a `data:` URI, dies with the card and is sealed like it.
"""

import base64
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from msgspec import UNSET

from smartmail.domain.contacts import MAX_PHOTO_OCTETS, ContactCard
from smartmail.domain.errors import AlreadyExists, Invalid, MailError, NotFound
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.jmap.blob_reading import open_blob
from smartmail.edge.httpd.jmap.context import (
    Call,
    account_of,
    changes_answer,
    changes_since,
    is_own,
    numbers,
    state_of,
)
from smartmail.edge.httpd.jmap.setting import Acts, Refused, Report, implied, in_state, numbered, refuse, why
from smartmail.formats.pictures import media_type_of
from smartmail.proto.jmap import numbers as letters
from smartmail.proto.jmap.core import (
    ChangesAnswer,
    ChangesArguments,
    CopyAnswer,
    CopyArguments,
    GetAnswer,
    GetArguments,
    SetAnswer,
    SetArguments,
)
from smartmail.proto.jmap.errors import MethodError, SetError, invalid_properties
from smartmail.proto.jmap.pointer import PointerError, apply_patch
from smartmail.service.mailbox.contacts import NewCard
from smartmail.service.mailbox.contacts.cards import NoSuchBook, NotACard

_BOOKS: Final = "addressBookIds"
_PICTURES: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})


async def get(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """ContactCard/get. Properties are those of the card; who asks for one that it does not have gets none."""
    account_id = await account_of(call, arguments.account_id)
    cards, actor = call.context.services.contacts.cards, call.context.actor
    await call.context.services.contacts.gate.reads(actor, account_id)
    state = await state_of(call, account_id, "contact")
    if arguments.ids is None:
        wanted, missing = [one.id for one in await cards.lines(actor, account_id)], list[str]()
        call.context.limits.check_get(len(wanted))
    else:
        call.context.limits.check_get(len(arguments.ids))
        asked, missing = numbers(letters.CARD, arguments.ids)
        wanted = list(asked)
    found = await cards.get(actor, account_id, wanted)
    there = {one.id for one in found}
    missing += [letters.show(letters.CARD, one) for one in wanted if one not in there]
    objects = [_projected(show(one), arguments.properties) for one in found]
    return GetAnswer(account_id=arguments.account_id, state=state, list=objects, not_found=missing)


def show(one: ContactCard) -> dict[str, Any]:
    """Return a card as it is told."""
    books = {letters.show(letters.ADDRESS_BOOK, book): True for book in one.books}
    return {"id": letters.show(letters.CARD, one.id), _BOOKS: books, **one.card}


def _projected(card: dict[str, Any], properties: Sequence[str] | None) -> dict[str, Any]:
    if properties is None:
        return card
    return {name: card[name] for name in dict.fromkeys(("id", *properties)) if name in card}


async def changes(call: Call, arguments: ChangesArguments) -> ChangesAnswer:
    """ContactCard/changes."""
    account_id = await account_of(call, arguments.account_id)
    await call.context.services.contacts.gate.reads(call.context.actor, account_id)
    return changes_answer(arguments, await changes_since(call, arguments, account_id, "contact"), letters.CARD)


# -- set ------------------------------------------------------------------------------------------------------------


async def set_(call: Call, arguments: SetArguments) -> SetAnswer:
    """ContactCard/set."""
    account_id = await account_of(call, arguments.account_id)
    call.context.limits.check_set(arguments.count())
    await call.context.services.contacts.gate.reads(call.context.actor, account_id)
    before = await state_of(call, account_id, "contact")
    report = Report(call.created_ids)
    with in_state(account_id, "contact", before, arguments.if_in_state, own=is_own(call, account_id)):
        acts = Acts(
            partial(_create, call, account_id), partial(_update, call, account_id),
            partial(_destroy, call, account_id), _told,
        )  # fmt: skip
        await report.carry_out(arguments, acts)
    return report.answer(arguments.account_id, before, await state_of(call, account_id, "contact"))


async def _create(call: Call, account_id: AccountId, raw: dict[str, Any]) -> dict[str, Any]:
    if "id" in raw:
        raise refuse("id")
    pictures = await _pictures(call, account_id, raw.get("media"))
    books = _books(call, raw[_BOOKS]) if _BOOKS in raw else ()
    card = _with_pictures({name: value for name, value in raw.items() if name != _BOOKS}, pictures)
    cards = call.context.services.contacts.cards
    made = show(await cards.create(call.context.actor, account_id, NewCard(card, books)))
    return {name: value for name, value in made.items() if name == "id" or raw.get(name) != value}


async def _update(call: Call, account_id: AccountId, target: str, patch: dict[str, Any]) -> None:
    pictures: dict[str, str] = {}
    for path, value in patch.items():
        if path == "media" or path.startswith("media/"):
            pictures |= await _pictures(call, account_id, _media_of(path, value))

    def change(before: ContactCard) -> tuple[Mapping[str, Any], Sequence[int]]:
        held = show(before)
        try:
            after = apply_patch(held, patch)
        except PointerError as error:
            raise Refused(SetError("invalidPatch", str(error)[:200])) from None
        if after.pop("id", None) != held["id"]:
            raise refuse("id")
        return _with_pictures(after, pictures), _books(call, after.pop(_BOOKS, {}))

    await call.context.services.contacts.cards.update(
        call.context.actor, account_id, numbered(letters.CARD, target), change
    )


async def _destroy(call: Call, account_id: AccountId, target: str) -> None:
    await call.context.services.contacts.cards.destroy(call.context.actor, account_id, numbered(letters.CARD, target))


def _books(call: Call, raw: Any) -> tuple[int, ...]:
    if not isinstance(raw, dict) or not raw or any(value is not True for value in raw.values()):
        raise refuse(_BOOKS)
    found = [letters.parse(letters.ADDRESS_BOOK, call.created_ids.resolve(key) or "") for key in raw]
    if None in found:
        raise refuse(_BOOKS)
    return tuple(one for one in found if one is not None)


def _told(error: Refused | MailError) -> SetError:
    if isinstance(error, NotACard):
        return invalid_properties(*filter(None, [error.property]), description=error.public)
    if isinstance(error, NoSuchBook):
        return invalid_properties(_BOOKS, description=error.public)
    if isinstance(error, AlreadyExists):
        return invalid_properties("uid", description=error.public)
    if isinstance(error, Invalid):
        return SetError("invalidProperties", error.public)
    return why(error)


# -- pictures -------------------------------------------------------------------------------------------------------


def _media_of(path: str, value: Any) -> Any:
    """Return what a patch says of media as it would stand in the card."""
    parts = path.split("/")
    if len(parts) == 1:
        return value
    return {parts[1]: value if len(parts) == 2 else {parts[2]: value}}


async def _pictures(call: Call, account_id: AccountId, media: Any) -> dict[str, str]:
    """Return (blob id → data URI) of the uploads that media name. Raises Refused."""
    found: dict[str, str] = {}
    for one in media.values() if isinstance(media, dict) else ():
        blob_id = one.get("blobId") if isinstance(one, dict) else None
        if isinstance(blob_id, str):
            found[blob_id] = await _picture(call, account_id, call.created_ids.resolve(blob_id) or blob_id)
    return found


async def _picture(call: Call, account_id: AccountId, blob_id: str) -> str:
    try:
        _name, reader = await open_blob(call.context.services, call.context.actor, account_id, blob_id)
    except NotFound:
        raise refuse("media", description="no such blob") from None
    if reader.size > MAX_PHOTO_OCTETS:
        raise refuse("media", description=f"a picture has at most {MAX_PHOTO_OCTETS} octets")
    octets = await reader.read()
    media_type = media_type_of(octets)
    if media_type not in _PICTURES:
        raise refuse("media", description="not a picture (JPEG, PNG, GIF, WebP)")
    return f"data:{media_type};base64,{base64.b64encode(octets).decode()}"


def _with_pictures(card: dict[str, Any], pictures: Mapping[str, str]) -> dict[str, Any]:
    media = card.get("media")
    if not pictures or not isinstance(media, dict):
        return card
    settled = {
        key: {name: value for name, value in one.items() if name not in {"blobId", "uri"}}
        | {"uri": pictures[one["blobId"]]}
        if isinstance(one, dict) and one.get("blobId") in pictures
        else one
        for key, one in media.items()
    }
    return {**card, "media": settled}


# -- copy -----------------------------------------------------------------------------------------------------------


async def copy(call: Call, arguments: CopyArguments) -> CopyAnswer | list[tuple[str, Any]]:
    """ContactCard/copy: between one's own cards and those of a team."""
    source = await account_of(call, arguments.from_account_id)
    target = await account_of(call, arguments.account_id)
    if source == target:
        raise MethodError("invalidArguments", "the accounts are the same")
    call.context.limits.check_set(len(arguments.create))
    gate, actor = call.context.services.contacts.gate, call.context.actor
    await gate.reads(actor, source)
    await gate.reads(actor, target)
    if arguments.if_from_in_state not in {None, await state_of(call, source, "contact")}:
        raise MethodError("stateMismatch")
    before = await state_of(call, target, "contact")
    if arguments.if_in_state not in {None, before}:
        raise MethodError("stateMismatch")
    report, copied = Report(call.created_ids), list[str]()
    for key, raw in arguments.create.items():
        try:
            report.made(key, await _copied(call, source, target, raw))
            copied.append(raw["id"])
        except (Refused, MailError) as error:
            report.not_created[key] = _told(error)
    after = await state_of(call, target, "contact")
    answer = CopyAnswer(
        from_account_id=arguments.from_account_id, account_id=arguments.account_id, old_state=before, new_state=after,
        created=report.created or None, not_created=report.not_created or None,
    )  # fmt: skip
    if not (arguments.on_success_destroy_original and copied):
        return answer
    gone = SetArguments(
        account_id=arguments.from_account_id, destroy=copied, if_in_state=arguments.destroy_from_if_in_state
    )
    return [("ContactCard/copy", answer), await implied("ContactCard/set", set_, call, gone)]


async def _copied(call: Call, source: AccountId, target: AccountId, raw: dict[str, Any]) -> dict[str, Any]:
    number = letters.parse(letters.CARD, str(raw.get("id", "")))
    found = await call.context.services.contacts.cards.get(
        call.context.actor, source, [] if number is None else [number]
    )
    if not found:
        raise Refused(SetError("notFound"))
    changed = {name: value for name, value in raw.items() if name not in {"id", _BOOKS}}
    books = _books(call, raw[_BOOKS]) if _BOOKS in raw else ()
    cards = call.context.services.contacts.cards
    try:
        made = await cards.create(call.context.actor, target, NewCard({**found[0].card, **changed}, books))
    except AlreadyExists:
        uid = str(changed.get("uid", found[0].card["uid"]))
        raise Refused(await _there_already(call, target, uid)) from None
    return {name: value for name, value in show(made).items() if name in {"id", "uid", _BOOKS}}


async def _there_already(call: Call, account_id: AccountId, uid: str) -> SetError:
    lines = await call.context.services.contacts.cards.lines(call.context.actor, account_id)
    there = [letters.show(letters.CARD, one.id) for one in lines if one.line.uid == uid]
    return SetError("alreadyExists", existing_id=there[0] if there else UNSET)
