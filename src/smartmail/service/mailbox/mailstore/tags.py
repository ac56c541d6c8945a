"""Tags: keywords with a name, a colour and a place in a tree (docs/vocabulary.md).

A tag's keyword is ASCII and stays what it is; the name is sealed apart, so that a new name touches no message. Team tags
are those of a shared account: whoever may see its mailboxes sees them, whoever manages it changes them.
Must not know JMAP or IMAP.
"""

import base64
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import msgspec

from smartmail.domain.errors import AlreadyExists, Invalid, NotFound, RateLimited
from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.keywords import DRAFT, SEEN, SYSTEM, Keywords
from smartmail.domain.principal import Actor
from smartmail.domain.rights import Access
from smartmail.domain.tags import COLOURS, MAX_TAG_DEPTH, MAX_TAG_NAME, MAX_TAGS, Tag, TagRow
from smartmail.formats.seal import Kind, Purpose
from smartmail.ports.clock import Clock
from smartmail.ports.store_tx import Body, MailTx
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.rights import Rights
from smartmail.service.mailbox.mailstore.keywords import MAX_OWN, checked
from smartmail.service.mailbox.mailstore.store import Store

T = TypeVar("T")


class _Shown(msgspec.Struct, array_like=True, frozen=True):
    """What is sealed of a tag."""

    name: str
    colour: str
    order: int
    parent_id: int | None = None


_DECODER = msgspec.msgpack.Decoder(_Shown)
_ENCODER = msgspec.msgpack.Encoder()


class TagService:
    """Makes, changes and counts tags."""

    def __init__(self, store: Store, rights: Rights, keyring: Keyring, hints: Hints, clock: Clock) -> None:
        self._store = store
        self._rights = rights
        self._keyring = keyring
        self._hints = hints
        self._clock = clock

    async def all(self, actor: Actor, account_id: AccountId) -> list[Tag]:
        """Return the account's tags with their counts, in the order of the list. Raises NotFound, Forbidden.

        Who may read only some mailboxes learns of the tags that messages there carry, and how many do.
        """
        await self._rights.require(actor, account_id, "l")
        keys = await self._keyring.account_by_id(account_id)
        rows = await self._store.tags(account_id)
        access = await self._rights.access(actor, account_id)
        if "r" not in access.everywhere:
            rows = await self._seen(account_id, access, rows)
        tags = [_opened(keys, row) for row in rows]
        known = {tag.id for tag in tags}
        # One whose parent is not for this person stands at the top.
        tags = [tag if tag.parent_id in {None, *known} else replace(tag, parent_id=None) for tag in tags]
        return sorted(tags, key=lambda tag: (tag.order, tag.name, tag.id))

    async def _seen(self, account_id: AccountId, access: Access, rows: list[TagRow]) -> list[TagRow]:
        carried: dict[MessageId, Keywords] = {}
        for box in await self._store.mailboxes(account_id):
            if access.has("r", box.id):
                _row, lines = await self._store.view(account_id, box.id)
                carried.update((line.message_id, line.keywords) for line in lines)
        counted = Counter(tag for one in carried.values() for tag in one.tags)
        unread = Counter(tag for one in carried.values() for tag in one.tags if not one.bits & (SEEN | DRAFT))
        return [replace(row, messages=counted[row.id], unread=unread[row.id]) for row in rows if row.id in counted]

    async def create(
        self,
        actor: Actor,
        account_id: AccountId,
        name: str,
        *,
        colour: str = COLOURS[0],
        order: int = 0,
        parent_id: int | None = None,
        keyword: str | None = None,
    ) -> Tag:
        """Make a tag; without `keyword` one is made up. Raises Invalid, AlreadyExists (name, keyword), RateLimited."""
        await self._rights.require_whole(actor, account_id, "wk")
        keys = await self._keyring.account_by_id(account_id)
        shown = _checked(_Shown(name, colour, order, parent_id))
        word = checked(keyword) if keyword else f"tag-{base64.b32encode(self._clock.random(10)).decode().lower()}"
        if word in SYSTEM:
            raise Invalid("a system keyword is no tag")

        async def body(tx: MailTx) -> TagRow:
            number = await tx.keyword_number(
                keys.hash(Purpose.KEYWORD, word.encode()), keys.seal_text(Kind.KEYWORD, word)
            )
            if number > MAX_OWN:
                raise RateLimited(f"at most {MAX_OWN} own keywords")
            others = await _others(tx, keys)
            if number in others:
                raise AlreadyExists("that keyword is a tag already")
            _check_place(others, number, shown)
            return await tx.put_tag(number, _sealed(keys, shown))

        return _opened(keys, await self._write(account_id, body))

    async def update(
        self,
        actor: Actor,
        account_id: AccountId,
        tag_id: int,
        *,
        name: str | None = None,
        colour: str | None = None,
        order: int | None = None,
        parent_id: int | None = None,
        to_root: bool = False,
    ) -> Tag:
        """Change what is not None; `to_root` takes it out of its parent. No message is touched.

        Raises NotFound, Invalid, AlreadyExists.
        """
        await self._rights.require_whole(actor, account_id, "wk")
        keys = await self._keyring.account_by_id(account_id)

        async def body(tx: MailTx) -> TagRow:
            others = await _others(tx, keys)
            held = others.pop(tag_id, None)
            if held is None:
                raise NotFound
            shown = _checked(
                _Shown(
                    held.name if name is None else name,
                    held.colour if colour is None else colour,
                    held.order if order is None else order,
                    None if to_root else held.parent_id if parent_id is None else parent_id,
                )
            )
            _check_place(others, tag_id, shown)
            return await tx.put_tag(tag_id, _sealed(keys, shown))

        return _opened(keys, await self._write(account_id, body))

    async def destroy(self, actor: Actor, account_id: AccountId, tag_id: int) -> None:
        """Remove a tag, and its children with it; messages keep their keywords. Raises NotFound."""
        await self._rights.require_whole(actor, account_id, "wk")
        keys = await self._keyring.account_by_id(account_id)

        async def body(tx: MailTx) -> None:
            others = await _others(tx, keys)
            if tag_id not in others:
                raise NotFound
            for number in _below(others, tag_id):
                await tx.destroy_tag(number)

        await self._write(account_id, body)

    async def tagged(
        self, actor: Actor, account_id: AccountId, tag_id: int, *, position: int, limit: int
    ) -> tuple[list[MessageId], int]:
        """Return a window of the messages that carry a tag, over all mailboxes, newest received first, and the total.

        Raises NotFound, Forbidden.
        """
        await self._rights.require_whole(actor, account_id, "r")
        return await self._store.tagged_messages(account_id, tag_id, position=position, limit=limit)

    async def _write(self, account_id: AccountId, body: Body[T]) -> T:
        result = await self._store.write(account_id, body)
        self._hints.account_changed(account_id)
        return result


async def _others(tx: MailTx, keys: Sealer) -> dict[int, _Shown]:
    return {row.id: _DECODER.decode(keys.open(Kind.TAG, row.sealed)) for row in await tx.all_tags()}


def _sealed(keys: Sealer, shown: _Shown) -> bytes:
    return keys.seal(Kind.TAG, _ENCODER.encode(shown))


def _opened(keys: Sealer, row: TagRow) -> Tag:
    shown = _DECODER.decode(keys.open(Kind.TAG, row.sealed))
    keyword = keys.open_text(Kind.KEYWORD, row.sealed_keyword).lower()
    return Tag(
        row.id, keyword, shown.name, shown.colour, shown.order, shown.parent_id, row.messages, row.unread, row.modseq
    )


def _checked(shown: _Shown) -> _Shown:
    """Return it with a tidy name. Raises Invalid."""
    name = " ".join(unicodedata.normalize("NFC", shown.name).split())
    if not name or len(name) > MAX_TAG_NAME or not name.isprintable():
        raise Invalid(f"a tag needs a name of at most {MAX_TAG_NAME} characters")
    if shown.colour not in COLOURS:
        raise Invalid(f"colours are {', '.join(COLOURS)}")
    if abs(shown.order) >= 1 << 31:
        raise Invalid("that order is too large")
    return _Shown(name, shown.colour, shown.order, shown.parent_id)


def _check_place(others: Mapping[int, _Shown], number: int, shown: _Shown) -> None:
    """Raise Invalid (parent, depth), AlreadyExists (a sibling of that name), RateLimited."""
    if len(others) >= MAX_TAGS:
        raise RateLimited(f"at most {MAX_TAGS} tags")
    folded = shown.name.casefold()
    if any(one.parent_id == shown.parent_id and one.name.casefold() == folded for one in others.values()):
        raise AlreadyExists("there is a tag of that name")
    above, depth = shown.parent_id, 1
    while above is not None:
        depth += 1
        if above == number or above not in others or depth > MAX_TAG_DEPTH:
            raise Invalid("that cannot be the parent")
        above = others[above].parent_id


def _below(others: Mapping[int, _Shown], number: int) -> Sequence[int]:
    """Return a tag and all below it."""
    found = [number]
    for one in found:
        found += [child for child, shown in others.items() if shown.parent_id == one]
    return found
