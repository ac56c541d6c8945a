"""From what a script decided to mailboxes and keywords of the account: mailboxes are found or made, flags become keywords.

A message has one set of keywords wherever it lies (RFC 8621 §4.1.1), so flags of several actions on it are joined.
FAILURE  A mailbox that is missing or cannot be made does not lose the message: it goes to the inbox, and the problem is
         told (RFC 5228 §2.10.6).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from smartmail.domain.errors import AlreadyExists, Invalid, RateLimited
from smartmail.domain.ids import MailboxId
from smartmail.domain.keywords import NONE, SYSTEM, Keywords
from smartmail.domain.mailbox import MailboxRow
from smartmail.domain.principal import system_actor
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_tx import MailTx
from smartmail.proto.sieve import INBOX, Place, Problem, fail
from smartmail.proto.sieve import Store as Keep
from smartmail.service.flow.filters.arrival import Arrival
from smartmail.service.flow.filters.surroundings import Known, path_of
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.mailbox.mailstore.keywords import checked, number_keywords
from smartmail.service.mailbox.mailstore.mailboxes import MailboxService

_FLAGS = {
    "\\seen": "$seen", "\\answered": "$answered", "\\flagged": "$flagged", "\\draft": "$draft",
    # RFC 5232 §2: \Recent is not a script's to set. \Deleted would hide mail that nobody has seen.
    "\\recent": "", "\\deleted": "",
}  # fmt: skip


@dataclass(slots=True)
class Placed:
    """One edition of the message: where it goes and with which keywords."""

    edition: int
    mailboxes: list[MailboxId] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    keywords: Keywords = NONE


class Placer:
    """Finds places."""

    def __init__(self, store: AccountStore, keyring: Keyring, mailboxes: MailboxService) -> None:
        self._store = store
        self._keyring = keyring
        self._mailboxes = mailboxes

    async def place(self, arrival: Arrival, known: Known, keeps: Sequence[Keep]) -> tuple[list[Placed], Problem | None]:
        """Return the copies to store and what went wrong, None when nothing did. Raises Unavailable."""
        found: dict[int, Placed] = {}
        problem: Problem | None = None
        for keep in keeps:
            row, wrong = await self.mailbox(arrival, known, keep.place, spam=keep.implicit and arrival.verdicts.is_spam)
            if keep.implicit and keep.place == INBOX and not arrival.verdicts.is_spam:
                # What filters leave where it is lies where it would without them (KA-33).
                row = known.numbered(arrival.copy.message.mailboxes[0]) or row
            problem = problem or wrong
            placed = found.setdefault(keep.edition, Placed(keep.edition))
            if row.id not in placed.mailboxes:
                placed.mailboxes.append(row.id)
            placed.names += keyword_names(keep.flags)
        for placed in found.values():
            placed.keywords = await self.keywords(arrival, placed.names)
        return list(found.values()), problem

    async def mailbox(
        self, arrival: Arrival, known: Known, place: Place, *, spam: bool = False
    ) -> tuple[MailboxRow, Problem | None]:
        """Return the mailbox of a place, else the inbox and what is wrong."""
        if spam and "junk" in known.by_role:
            return known.by_role["junk"], None
        row = known.with_id(place.mailbox_id) if place.mailbox_id else None
        row = row or (known.with_use(place.special_use) if place.special_use else None) or known.find(place.mailbox)
        if row is not None:
            return row, None
        inbox = known.by_role["inbox"]
        if not place.create:
            return inbox, fail("no-mailbox", name=place.mailbox).problem
        try:
            return await self._create(arrival, known, place.mailbox), None
        except (Invalid, RateLimited, AlreadyExists):
            return inbox, fail("mailbox-not-made", name=place.mailbox).problem

    async def _create(self, arrival: Arrival, known: Known, name: str) -> MailboxRow:
        """Make a mailbox; one that another delivery made at the same moment is found instead."""
        account = arrival.account
        actor, path = system_actor(account.id, account.organization_id), path_of(name)
        try:
            row = await self._mailboxes.create_path(actor, account.id, path)
        except AlreadyExists:
            row = (await self._mailboxes.find(actor, account.id, path)).row
        known.by_path[path] = row
        return row

    async def keywords(self, arrival: Arrival, names: Sequence[str]) -> Keywords:
        """Return names as keywords, giving numbers to new ones; what the account has no room for is left out."""
        own = [name for name in names if name not in SYSTEM]
        bits = 0
        for name in names:
            bits |= SYSTEM.get(name, 0)
        if not own:
            return Keywords(bits)
        keys = await self._keyring.account(arrival.account)

        async def body(tx: MailTx) -> Keywords:
            return await number_keywords(tx, keys, own)

        try:
            return (await self._store.write(arrival.account.id, body)).with_(bits, ())
        except RateLimited:
            return Keywords(bits)


def keyword_names(flags: Iterable[str]) -> list[str]:
    """Return IMAP flags as keyword names, own ones as they are spelled; what can be none is left out."""
    found: dict[str, str] = {}
    for flag in flags:
        name = _FLAGS.get(flag.lower(), flag)
        try:
            folded = checked(name) if name else ""
        except Invalid:
            continue
        if folded:
            found.setdefault(folded, folded if folded in SYSTEM else name)
    return list(found.values())
