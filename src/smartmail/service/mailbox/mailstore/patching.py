"""Patches of messages: many at once in one transaction, as JMAP Email/set update asks for (RFC 8621 §4.6).

What the actor may not see does not exist here either (Patcher): a foreign person moves and removes only between mailboxes
of theirs, and needs a right on every mailbox of the message that they can see (RFC 8621 §2 myRights).

A placement marked \\Deleted does not exist here (AR-2): a message that has no other is not found,
and putting it back into that mailbox takes the mark away. Must not know JMAP text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from smartmail.domain.errors import Forbidden, Invalid, MailError, NotFound
from smartmail.domain.ids import AccountId, MailboxId, MessageId, Uid
from smartmail.domain.keywords import SEEN, Keywords
from smartmail.domain.message import Placement
from smartmail.domain.rights import OWN, Access
from smartmail.ports.store_tx import MailTx
from smartmail.service.kernel.keyring import Sealer
from smartmail.service.mailbox.mailstore.keywords import number_keywords
from smartmail.service.mailbox.mailstore.marking import PersonMarks
from smartmail.service.protection.filtering.lessons import note_marked, note_moved


@dataclass(frozen=True, slots=True)
class Patch:
    """Mailboxes and keyword names that a message shall have (True) or not; None leaves them alone.

    With `whole_…` the mapping is the whole new value.
    """

    mailboxes: Mapping[MailboxId, bool] | None = None
    whole_mailboxes: bool = False
    names: Mapping[str, bool] | None = None
    whole_names: bool = False


@dataclass(frozen=True, slots=True)
class Patcher:
    """Who patches: what they may do, and, for somebody else than the account's own person, who they are."""

    access: Access = OWN
    person_id: AccountId | None = None

    def sees(self, placement: Placement) -> bool:
        """Say whether a placement exists for them."""
        return self.person_id is None or bool(self.access.on(placement.mailbox_id))

    def check_move(self, plan: "_Plan") -> None:
        """Raise Forbidden unless the placements may be made and removed."""
        if self.person_id is None:
            return
        added = [*plan.place, *plan.revive]
        if not all("i" in self.access.on(box) for box in added):
            raise Forbidden
        if not all(self.access.on(box) >= {"t", "e"} for box in plan.remove):
            raise Forbidden

    def check_marks(self, placements: list[Placement], held: Keywords, wanted: Keywords) -> None:
        """Raise Forbidden unless the keywords may be changed so."""
        if self.person_id is None or held == wanted:
            return
        changed = held.bits ^ wanted.bits
        needed = ({"s"} if changed & SEEN else set()) | (
            {"w"} if changed & ~SEEN or held.tags != wanted.tags else set()
        )
        if not all(self.access.on(one.mailbox_id) >= needed for one in placements):
            raise Forbidden

    def check_read(self, placements: list[Placement]) -> None:
        """Raise NotFound unless the message may be read in one of these placements."""
        if self.person_id is not None and not any(self.access.has("r", one.mailbox_id) for one in placements):
            raise NotFound


OWNER = Patcher()


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


async def apply_patches(
    tx: MailTx, keys: Sealer, patches: Mapping[MessageId, Patch], patcher: Patcher = OWNER
) -> dict[MessageId, MailError]:
    """Apply patches; return why some messages were left as they are: NotFound, Invalid, RateLimited, Forbidden."""
    ids = list(patches)
    held = {row.id: row.keywords for row in await tx.messages(ids)}
    marks = await PersonMarks.read(tx, patcher.person_id, held)
    lies = await _seen_placements(tx, ids, patcher)
    boxes = {row.id for row in await tx.mailboxes() if patcher.person_id is None or patcher.access.on(row.id)}
    numbers = _Numbers(tx, keys)
    failed: dict[MessageId, MailError] = {}
    keywords: dict[MessageId, Keywords] = {}
    moves = _Moves()
    plans: dict[MessageId, tuple[set[MailboxId], set[MailboxId]]] = {}
    for message_id, patch in patches.items():
        try:
            if message_id not in held:
                raise NotFound
            here = lies.get(message_id, [])
            plan = _plan(here, patch, boxes)
            patcher.check_read(here)
            patcher.check_move(plan)
            if patch.names is not None:
                before = held[message_id] if marks is None else marks.seen(message_id)
                wanted = await numbers.patched(before, patch.names, whole=patch.whole_names)
                patcher.check_marks(here, before, wanted)
                keywords[message_id] = wanted
            _note(moves, message_id, plan)
            plans[message_id] = ({*plan.place, *plan.revive}, set(plan.remove))
        except MailError as error:
            failed[message_id] = error
    await (tx.set_keywords(keywords) if marks is None else marks.set(keywords))
    await moves.carry_out(tx)
    await note_marked(tx, [(one, held[one], wanted) for one, wanted in keywords.items()])
    await note_moved(tx, plans)
    return failed


async def _seen_placements(tx: MailTx, ids: Sequence[MessageId], patcher: Patcher) -> dict[MessageId, list[Placement]]:
    lies: dict[MessageId, list[Placement]] = {}
    for placement in await tx.placements(ids):
        if patcher.sees(placement):
            lies.setdefault(placement.message_id, []).append(placement)
    return lies


async def remove_seen(
    tx: MailTx, patcher: Patcher, ids: Sequence[MessageId], *, all_or_none: bool = False
) -> tuple[list[MessageId], dict[MessageId, MailError]]:
    """Remove messages from every mailbox that the person can see, each where they may from all of them; return those
    removed and why others were not; with `all_or_none` none when one is forbidden. A message that lies elsewhere too
    lives on there.
    """
    lies = await _seen_placements(tx, ids, patcher)
    failed: dict[MessageId, MailError] = {}
    moves = _Moves()
    for message_id in dict.fromkeys(ids):
        here = lies.get(message_id, [])
        plan = _Plan(frozenset(), {}, {one.mailbox_id: one.uid for one in here})
        try:
            patcher.check_read(here)
            patcher.check_move(plan)
        except MailError as error:
            failed[message_id] = error
            continue
        for one in here:
            # A mailbox may hold a message in two placements.
            moves.remove.setdefault(one.mailbox_id, []).append(one.uid)
    if all_or_none and any(isinstance(error, Forbidden) for error in failed.values()):
        return [], failed
    await moves.carry_out(tx)
    return [one for one in dict.fromkeys(ids) if one not in failed], failed


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
