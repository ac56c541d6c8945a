"""\\Seen, star and personal tags of one person in somebody else's account.

A mailbox can be switched to "seen per person": then every person but the account's own has their own \\Seen and
\\Flagged there, beginning with none. A message is personal when some placement of it lies in
such a mailbox. Personal tags are added to the message's own keywords in any mailbox. Rows belong to the account, and the
message gets the modseq of their change, so that CONDSTORE and JMAP tell it.
"""

from collections.abc import Iterable, Mapping

from smartmail.domain.ids import AccountId, MailboxId, MessageId
from smartmail.domain.keywords import FLAGGED, SEEN, STAR_COLOUR, Keywords
from smartmail.domain.message import MessageRow, ViewEntry
from smartmail.domain.principal import Actor
from smartmail.domain.sharing import PersonKeywords
from smartmail.ports.store_sharing import SharingStore

PERSONAL_BITS = SEEN | FLAGGED | STAR_COLOUR


class PersonalService:
    """Lays a person's own marks over what the store tells of a foreign account."""

    def __init__(self, store: SharingStore) -> None:
        self._store = store

    async def rows(self, actor: Actor, account_id: AccountId, rows: list[MessageRow]) -> list[MessageRow]:
        """Return rows as the actor sees them."""
        if actor.account_id == account_id or not rows:
            return rows
        own = await self._own(actor.account_id, account_id, [row.id for row in rows])
        return [row._replace(keywords=laid_over(row.keywords, own[row.id])) if row.id in own else row for row in rows]

    async def lines(self, person_id: AccountId, account_id: AccountId, lines: Iterable[ViewEntry]) -> list[ViewEntry]:
        """Return lines of a view as the person sees them."""
        lines = list(lines)
        own = await self._own(person_id, account_id, [line.message_id for line in lines]) if lines else {}
        return [
            line._replace(keywords=laid_over(line.keywords, own[line.message_id])) if line.message_id in own else line
            for line in lines
        ]

    async def unseen(self, actor: Actor, account_id: AccountId) -> Mapping[MailboxId, tuple[int, int]]:
        """Return the person's (unseen, unseen placements) of mailboxes where \\Seen is each person's own."""
        if actor.account_id == account_id:
            return {}
        return await self._store.person_unseen(account_id, actor.account_id)

    async def _own(
        self, person_id: AccountId, account_id: AccountId, ids: list[MessageId]
    ) -> dict[MessageId, PersonKeywords]:
        return {one.message_id: one for one in await self._store.person_keywords(account_id, person_id, ids)}


def laid_over(base: Keywords, own: PersonKeywords) -> Keywords:
    """Return the keywords that a person sees."""
    bits = base.bits
    if own.personal:
        bits = bits & ~PERSONAL_BITS | own.keywords.bits & PERSONAL_BITS
    if not own.keywords.tags:
        return base if bits == base.bits else Keywords(bits, base.tags)
    return Keywords(bits, tuple(sorted({*base.tags, *own.keywords.tags})))


def parted(seen: Keywords, base: Keywords, own: PersonKeywords) -> tuple[Keywords, Keywords]:
    """Return (the message's, the person's) keywords that together show as `seen`: the opposite of `laid_over`.

    Own tags of the person stay theirs; a new tag is the message's.
    """
    kept = tuple(tag for tag in own.keywords.tags if tag in seen.tags)
    shared_tags = tuple(tag for tag in seen.tags if tag not in own.keywords.tags or tag in base.tags)
    if not own.personal:
        return Keywords(seen.bits, shared_tags), Keywords(own.keywords.bits, kept)
    shared_bits = seen.bits & ~PERSONAL_BITS | base.bits & PERSONAL_BITS
    return Keywords(shared_bits, shared_tags), Keywords(seen.bits & PERSONAL_BITS, kept)
