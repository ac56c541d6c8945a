"""Patches of messages: many at once in one transaction, as JMAP Email/set update asks for (RFC 8621 §4.6).

A placement marked \\Deleted does not exist here (docs/architecture.md 1.15): a message that has no other is not found,
and putting it back into that mailbox takes the mark away. Must not know JMAP text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from smartmail.domain.errors import Invalid, MailError, NotFound
from smartmail.domain.ids import MailboxId, MessageId, Uid
from smartmail.domain.keywords import Keywords
from smartmail.domain.message import Placement
from smartmail.ports.store import MailTx
from smartmail.service.keyring import Sealer
from smartmail.service.mailstore.keywords import number_keywords


@dataclass(frozen=True, slots=True)
class Patch:
    """Mailboxes and keyword names that a message shall have (True) or not; None leaves them alone.

    With `whole_…` the mapping is the whole new value.
    """

    mailboxes: Mapping[MailboxId, bool] | None = None
    whole_mailboxes: bool = False
    names: Mapping[str, bool] | None = None
    whole_names: bool = False


@dataclass(slots=True)
class _Moves:
    place: dict[MailboxId, list[MessageId]] = field(default_factory=dict)
    revive: dict[MailboxId, list[Uid]] = field(default_factory=dict)
    remove: dict[MailboxId, list[Uid]] = field(default_factory=dict)

    async def carry_out(self, tx: MailTx) -> None:
        """Place before removing, so that no message loses its last placement on the way."""
        for box in sorted(self.place):
            await tx.place(box, self.place[box])
        for box in sorted(self.revive):
            await tx.set_deleted(box, self.revive[box], deleted=False)
        for box in sorted(self.remove):
            await tx.remove_placements(box, self.remove[box])


async def apply_patches(tx: MailTx, keys: Sealer, patches: Mapping[MessageId, Patch]) -> dict[MessageId, MailError]:
    """Apply patches; return why some messages were left as they are: NotFound, Invalid, RateLimited."""
    ids = list(patches)
    held = {row.id: row.keywords for row in await tx.messages(ids)}
    lies: dict[MessageId, list[Placement]] = {}
    for placement in await tx.placements(ids):
        lies.setdefault(placement.message_id, []).append(placement)
    boxes = {row.id for row in await tx.mailboxes()}
    numbers = _Numbers(tx, keys)
    failed: dict[MessageId, MailError] = {}
    keywords: dict[MessageId, Keywords] = {}
    moves = _Moves()
    for message_id, patch in patches.items():
        try:
            if message_id not in held:
                raise NotFound
            plan = _plan(lies.get(message_id, []), patch, boxes)
            if patch.names is not None:
                keywords[message_id] = await numbers.patched(held[message_id], patch.names, whole=patch.whole_names)
            _note(moves, message_id, plan)
        except MailError as error:
            failed[message_id] = error
    await tx.set_keywords(keywords)
    await moves.carry_out(tx)
    return failed


@dataclass(frozen=True, slots=True)
class _Plan:
    place: frozenset[MailboxId]
    revive: Mapping[MailboxId, Uid]
    remove: Mapping[MailboxId, Uid]


def _plan(placements: list[Placement], patch: Patch, boxes: set[MailboxId]) -> _Plan:
    """Return what changes for one message. Raises NotFound, Invalid."""
    seen = {one.mailbox_id: one.uid for one in placements if not one.deleted}
    hidden = {one.mailbox_id: one.uid for one in placements if one.deleted}
    if not seen:
        raise NotFound
    if patch.mailboxes is None:
        return _Plan(frozenset(), {}, {})
    target = {box for box, inside in patch.mailboxes.items() if inside}
    if not patch.whole_mailboxes:
        target |= {box for box in seen if patch.mailboxes.get(box, True)}
    if not target:
        raise Invalid("a message lies in at least one mailbox")
    if not target <= boxes:
        raise Invalid("no such mailbox")
    fresh = target - seen.keys()
    return _Plan(
        frozenset(fresh - hidden.keys()),
        {box: uid for box, uid in hidden.items() if box in fresh},
        {box: uid for box, uid in seen.items() if box not in target},
    )


def _note(moves: _Moves, message_id: MessageId, plan: _Plan) -> None:
    for box in plan.place:
        moves.place.setdefault(box, []).append(message_id)
    for box, uid in plan.revive.items():
        moves.revive.setdefault(box, []).append(uid)
    for box, uid in plan.remove.items():
        moves.remove.setdefault(box, []).append(uid)


class _Numbers:
    """Keyword names as numbers, each set of names looked up once."""

    def __init__(self, tx: MailTx, keys: Sealer) -> None:
        self._tx = tx
        self._keys = keys
        self._known: dict[frozenset[str], Keywords] = {}

    async def patched(self, held: Keywords, names: Mapping[str, bool], *, whole: bool) -> Keywords:
        """Return the keywords after a patch. Raises Invalid, RateLimited."""
        add = await self._of(frozenset(name for name, value in names.items() if value))
        if whole:
            return add
        drop = await self._of(frozenset(name for name, value in names.items() if not value))
        return held.without(drop.bits, drop.tags).with_(add.bits, add.tags)

    async def _of(self, names: frozenset[str]) -> Keywords:
        if names not in self._known:
            self._known[names] = await number_keywords(self._tx, self._keys, sorted(names))
        return self._known[names]
