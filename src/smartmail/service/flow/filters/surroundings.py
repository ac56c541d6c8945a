"""What a script may ask about the account, read beforehand: mailboxes, annotations, lists, ids seen before.

Only what the program's words need is read. Implements proto.sieve.Surroundings.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from smartmail.domain.account import Account
from smartmail.domain.errors import MailError
from smartmail.domain.ids import AccountId, MailboxId, OrganizationId
from smartmail.domain.mailbox import Mailbox, MailboxRow
from smartmail.domain.principal import Actor, system_actor
from smartmail.formats.address import normalize
from smartmail.formats.seal import Purpose
from smartmail.ports.clock import Clock
from smartmail.ports.store_filters import SEEN_ID
from smartmail.service.flow.filters.store import Store
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.metadata import SERVER, MetadataService
from smartmail.service.mailbox.mailstore.mailboxes import MailboxService, canonical_path

ADDRESS_BOOK: Final = "urn:ietf:params:sieve:addrbook:default"
"""RFC 6134 §2.5: the one list that every implementation has; ours holds the people of the organisation."""
OWN_ADDRESSES: Final = "urn:smartmail:sieve:own"
LISTS: Final = frozenset({ADDRESS_BOOK, OWN_ADDRESSES, "addrbook", "own"})
PEOPLE_MS: Final = 60_000
MAX_SEEN: Final = 20_000
"""Ids of the duplicate test that are looked at: the ones that last longest."""
_ID: Final = re.compile(r"[A-Za-z]([0-9]{1,18})\Z")
_USES: Final = {
    "\\all": "", "\\archive": "archive", "\\drafts": "drafts", "\\flagged": "", "\\junk": "junk", "\\sent": "sent",
    "\\trash": "trash", "\\inbox": "inbox", "\\important": "",
}  # fmt: skip


def path_of(name: str) -> tuple[str, ...]:
    """Return the path of a mailbox name as a script writes it: levels divided by a slash, no blanks around them."""
    parts = [unicodedata.normalize("NFC", part).strip() for part in name.split("/")]
    return canonical_path([part for part in parts if part])


class Known:
    """Answers from memory."""

    def __init__(self, boxes: Sequence[Mailbox], keys: Sealer) -> None:
        self._keys = keys
        self.by_path = {mailbox.path: mailbox.row for mailbox in boxes}
        self.by_role: dict[str, MailboxRow] = {mailbox.row.role: mailbox.row for mailbox in boxes if mailbox.row.role}
        self._by_id = {mailbox.row.id: mailbox.row for mailbox in boxes}
        self.annotations: dict[MailboxId, dict[str, bytes]] = {}
        self.lists: dict[str, frozenset[str]] = {}
        self.seen: set[bytes] = set()

    def find(self, name: str) -> MailboxRow | None:
        """Return the mailbox of a name."""
        return self.by_path.get(path_of(name))

    def with_use(self, use: str) -> MailboxRow | None:
        """Return the mailbox with a special use such as `\\Junk`."""
        role = _USES.get(use.lower())
        return self.by_role.get(role) if role else None

    def with_id(self, mailbox_id: str) -> MailboxRow | None:
        """Return the mailbox of an id as IMAP and JMAP show it."""
        found = _ID.match(mailbox_id)
        return self._by_id.get(MailboxId(int(found[1]))) if found else None

    def numbered(self, mailbox_id: MailboxId) -> MailboxRow | None:
        """Return the mailbox of a number."""
        return self._by_id.get(mailbox_id)

    def duplicate_key(self, key: str) -> bytes:
        """Return what is noted of an id of the duplicate test."""
        return self._keys.hash(Purpose.FILTER_MEMORY, b"seen", key.encode("utf-8", "replace"))

    # proto.sieve.Surroundings

    def mailbox_exists(self, name: str) -> bool:
        return self.find(name) is not None

    def mailbox_id_exists(self, mailbox_id: str) -> bool:
        return self.with_id(mailbox_id) is not None

    def special_use_exists(self, mailbox: str | None, uses: Sequence[str]) -> bool:
        if mailbox is None:
            return all(self.with_use(use) is not None for use in uses)
        row = self.find(mailbox)
        return row is not None and all(self.with_use(use) == row for use in uses)

    def metadata(self, mailbox: str | None, annotation: str) -> str | None:
        row = self.find(mailbox) if mailbox is not None else None
        if mailbox is not None and row is None:
            return None
        value = self.annotations.get(row.id if row else SERVER, {}).get(annotation.lower())
        return None if value is None else value.decode("utf-8", "replace")

    def has_list(self, name: str) -> bool:
        return name.lower() in LISTS

    def in_list(self, name: str, value: str) -> bool:
        kind = "own" if name.lower() in {"own", OWN_ADDRESSES} else "addrbook"
        return normalize(value) in self.lists.get(kind, frozenset())

    def is_duplicate(self, key: str) -> bool:
        return self.duplicate_key(key) in self.seen


class Surveyor:
    """Reads what a program may ask."""

    def __init__(
        self, store: Store, keyring: Keyring, mailboxes: MailboxService, metadata: MetadataService, clock: Clock
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._mailboxes = mailboxes
        self._metadata = metadata
        self._clock = clock
        self._known_people: dict[OrganizationId, tuple[int, frozenset[str]]] = {}

    async def survey(self, account: Account, words: frozenset[str]) -> Known:
        """Return the surroundings for a program with these commands and tests. Raises Unavailable."""
        actor = system_actor(account.id, account.organization_id)
        boxes = await self._mailboxes.list_all(actor, account.id)
        known = Known(boxes, await self._keyring.account(account))
        if words & {"metadata", "metadataexists"}:
            for row in known.by_path.values():
                known.annotations[row.id] = await self._entries(actor, account.id, row.id)
        if words & {"servermetadata", "servermetadataexists"}:
            known.annotations[SERVER] = await self._entries(actor, account.id, SERVER)
        if "list" in words:
            known.lists = await self._lists(account)
        if "duplicate" in words:
            known.seen = await self._store.all_remembered(account.id, SEEN_ID, self._clock.now(), MAX_SEEN)
        return known

    async def _entries(self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId) -> dict[str, bytes]:
        try:
            return await self._metadata.entries(actor, account_id, mailbox_id)
        except MailError:
            return {}

    async def _lists(self, account: Account) -> dict[str, frozenset[str]]:
        own = await self._store.addresses(account.id)
        return {"own": frozenset(own), "addrbook": await self._people(account.organization_id)}

    async def _people(self, organization_id: OrganizationId) -> frozenset[str]:
        """Return the logins of an organisation, at most PEOPLE_MS old: ten thousand rows are no question per message."""
        now = self._clock.now()
        asked_at, found = self._known_people.get(organization_id, (0, frozenset()))
        if not 0 <= now - asked_at < PEOPLE_MS:
            rows = await self._store.accounts(organization_id)
            found = frozenset(one.login for one in rows if one.may("receive"))
            self._known_people[organization_id] = (now, found)
        return found
