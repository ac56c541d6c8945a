"""The book: what domains of ours do with addresses, and which addresses stand for others.

Settings of scope `addressing` are read anew each second and kept decoded. An installation that uses none of it pays one
small look a second. Must not know what is done with what it says.
"""

import json
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import msgspec

from smartmail.domain.addressing import ListText, Member, StandIn, System, Targets
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import OrganizationId
from smartmail.formats.address import normalize
from smartmail.formats.seal import Kind, Purpose
from smartmail.ports.clock import Clock
from smartmail.ports.store_absences import AbsenceStore
from smartmail.ports.store_account_life import AccountLifeStore
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_addressing import AddressingStore
from smartmail.ports.store_directory import DirectoryStore, DomainStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_organization import OrganizationStore
from smartmail.ports.store_policy import GroupStore
from smartmail.ports.store_settings import SettingStore
from smartmail.service.kernel.clock import SECOND
from smartmail.service.kernel.keyring import Keyring, Sealer


class _Store(
    AbsenceStore,
    AccountLifeStore,
    AccountStore,
    AddressingStore,
    DirectoryStore,
    DomainStore,
    GroupStore,
    MailReads,
    OrganizationStore,
    SettingStore,
    Protocol,
): ...


SCOPE = "addressing"
FRESH_MS = SECOND
STAND_INS, FORWARDS = "uses stand-ins", "uses forwards"

T = TypeVar("T", bound=msgspec.Struct)


class DomainRules(msgspec.Struct, frozen=True):
    """What one domain does. `alias_of`: it stands for that one. `relay`: all its mail goes to another system.

    `other`: another system shares the domain with us.
    """

    alias_of: str = ""
    subaddress: bool = True
    relay: System | None = None
    other: System | None = None


_NOTHING = DomainRules()


class AddressBook:
    """Reads and writes rules and stand-ins; opens and seals what they hold."""

    def __init__(self, store: _Store, keyring: Keyring, clock: Clock) -> None:
        self.store = store
        self.keyring = keyring
        self.clock = clock
        self._read_at = -FRESH_MS
        self._texts: dict[str, dict[str, str]] = {}
        self._uses: frozenset[str] = frozenset()
        self._rules: dict[str, DomainRules] = {}
        self._changes = 0

    def _changed(self) -> None:
        self._read_at, self._changes = -FRESH_MS, self._changes + 1

    async def rules(self, domain: str) -> DomainRules:
        """Return what a domain does."""
        await self._refresh()
        if domain not in self._texts:
            return _NOTHING
        known = self._rules.get(domain)
        if known is None:
            values = {name: json.loads(text) for name, text in self._texts[domain].items()}
            known = self._rules[domain] = msgspec.convert(values, DomainRules)
        return known

    async def set_rule(self, domain: str, name: str, value: Any, audit: AuditRecord) -> None:
        """Set one field of DomainRules, or remove it (None)."""
        text = None if value is None else msgspec.json.encode(value).decode()
        await self.store.put_setting(SCOPE, f"{domain} {name}", text, audit=audit)
        self._changed()

    async def uses(self, what: str) -> bool:
        """Say whether anybody here has stand-ins, or forwards."""
        await self._refresh()
        return what in self._uses

    async def note_use(self, what: str) -> None:
        """Note that from now on there are some."""
        if not await self.uses(what):
            await self.store.put_setting(SCOPE, what, "true")
            self._changed()

    async def _refresh(self) -> None:
        now = self.clock.now()
        if now - self._read_at < FRESH_MS:
            return
        changes = self._changes
        texts: dict[str, dict[str, str]] = {}
        uses = set()
        for key, text in (await self.store.settings(SCOPE)).items():
            domain, _, name = key.partition(" ")
            if domain == "uses":
                uses.add(key)
            else:
                texts.setdefault(domain, {})[name] = text
        self._uses = frozenset(uses)
        if texts != self._texts:
            self._texts, self._rules = texts, {}
        if changes == self._changes:
            # Only what was read whole is fresh: nobody is answered from a book that is not open yet.
            self._read_at = now

    async def stand_ins(self, addresses: Sequence[str]) -> dict[str, StandIn]:
        """Return those that are in use. A forward is none: it belongs to an account (see `forward`)."""
        if not await self.uses(STAND_INS):
            return {}
        found = await self.store.stand_ins(addresses)
        return {row.address: row for row in found if row.kind not in {"retired", "forward"}}

    async def forward(self, login: str) -> Targets | None:
        """Return what an administrator does with an account's mail."""
        if not await self.uses(FORWARDS):
            return None
        found = await self.store.stand_ins([login])
        return await self.targets(found[0]) if found and found[0].kind == "forward" else None

    async def targets(self, row: StandIn) -> Targets:
        """Open whom an alias or forward goes to. Raises SealError."""
        return await self._open(row, Targets)

    async def list_text(self, row: StandIn) -> ListText:
        """Open what a list is like. Raises SealError."""
        return await self._open(row, ListText)

    async def moderators(self, address: str) -> set[str]:
        """Return who decides about mail to a list, as normal addresses; nobody where there is no such list."""
        row = (await self.stand_ins([address])).get(address)
        if row is None or row.kind != "list":
            return set()
        text = await self.list_text(row)
        return {normalize(one) for one in (*text.owners, *text.moderators)}

    async def _open(self, row: StandIn, kind: type[T]) -> T:
        keys = await self.keyring.organization(row.organization_id)
        return msgspec.msgpack.decode(keys.open(Kind.STAND_IN, row.sealed, _place(keys, row.address)), type=kind)

    async def seal(self, organization_id: OrganizationId, address: str, text: msgspec.Struct) -> bytes:
        """Seal what a stand-in holds; bound to its address."""
        keys = await self.keyring.organization(organization_id)
        return keys.seal(Kind.STAND_IN, msgspec.msgpack.encode(text), _place(keys, address))

    async def members(self, row: StandIn) -> list[Member]:
        """Open all members of a list, page by page."""
        keys = await self.keyring.organization(row.organization_id)
        found: list[Member] = []
        after = b""
        while page := await self.store.list_members(row.address, after=after, limit=PAGE):
            found += [
                msgspec.msgpack.decode(keys.open(Kind.LIST_MEMBER, one.sealed, one.key), type=Member) for one in page
            ]
            after = page[-1].key
        return found

    async def member_key(self, row: StandIn, member: Member) -> bytes:
        """Return the key under which a member stands in a list."""
        keys = await self.keyring.organization(row.organization_id)
        place = b"%d" % member.group if not member.department else b"department %d" % member.department
        return keys.hash(Purpose.LIST_MEMBER, row.address.encode(), member.address.encode(), place)

    async def seal_member(self, row: StandIn, member: Member, key: bytes) -> bytes:
        """Seal a member; bound to its key."""
        keys = await self.keyring.organization(row.organization_id)
        return keys.seal(Kind.LIST_MEMBER, msgspec.msgpack.encode(member), key)


PAGE = 1000


def _place(keys: Sealer, address: str) -> bytes:
    """Return what a sealed text is bound to: its address, as an id."""
    return keys.hash(Purpose.LIST_MEMBER, b"place", address.encode())
