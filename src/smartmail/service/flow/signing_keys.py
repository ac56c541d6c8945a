"""Signing keys of domains: made, published, used, retired, removed.

STATES    published → active → retired → removed. The first key of a kind is active at once: until then nothing was
          signed, and a signature that nobody can check yet harms nothing (RFC 6376 §6.1: it counts as none). Another one
          waits until its record is seen; when it begins to sign, the one before it is retired.
SECURITY  Private keys lie sealed under the organisation's key and are opened here alone; opened ones are remembered
          for some minutes, for opening one takes longer than signing.
STANDARDS RFC 6376 §3.1 (selectors serve the change of keys), §3.6.1; RFC 8463.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.signing import KeyState, SigningKeyRow
from smartmail.formats.seal import Kind
from smartmail.ports.clock import Clock
from smartmail.ports.dns import DnsFailure, Resolver
from smartmail.ports.store_directory import DomainStore
from smartmail.ports.store_settings import SigningKeyStore
from smartmail.proto.mailauth import keys as dkim_keys
from smartmail.proto.mailauth.dkim import SigningKey
from smartmail.proto.mailauth.keys import KeyKind, KeyRecordError, PrivateKey
from smartmail.service.kernel.clock import DAY, MINUTE
from smartmail.service.kernel.keyring import Keyring


class _Store(DomainStore, SigningKeyStore, Protocol): ...


DEFAULT_SELECTOR = "sm1"
KEPT_AFTER = 7 * DAY
"""A record must outlive the mail under way: five days in queues, and what is read later is checked by then."""
OPENED_MS = 5 * MINUTE
MAX_OPENED = 256
MAX_ANCESTORS = 5

Seen = Literal["published", "missing", "different", "unanswered"]


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key as the world is to see it: where its TXT record stands and what it says."""

    row: SigningKeyRow
    name: str
    text: str


class SigningKeys:
    """Keeps signing keys."""

    def __init__(self, store: _Store, keyring: Keyring, clock: Clock, resolver: Resolver | None = None) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._resolver = resolver
        self._opened: dict[bytes, tuple[int, PrivateKey]] = {}

    async def create(
        self, domain: str, organization_id: OrganizationId, selector: str = DEFAULT_SELECTOR, kind: KeyKind = "rsa"
    ) -> KeyRecord:
        """Make a key. Raises Invalid where the selector has one."""
        rows = await self._store.dkim_keys(domain)
        if any(row.selector == selector for row in rows):
            raise Invalid(
                f"selector {selector} of {domain} has a key; choose another selector",
                reason="selector.taken",
                selector=selector,
            )
        first = not any(row.kind == kind and row.state == "active" for row in rows)
        private = dkim_keys.generate(kind)
        keys = await self._keyring.organization(organization_id)
        now = self._clock.now()
        sealed = keys.seal(Kind.SIGNING_KEY, dkim_keys.save_private(private))
        row = SigningKeyRow(domain, selector, kind, sealed, "active" if first else "published", now, now)
        await self._store.put_dkim_key(row)
        return _record(row, private)

    async def records(self, domain: str, organization_id: OrganizationId) -> list[KeyRecord]:
        """Return all keys of a domain."""
        rows = await self._store.dkim_keys(domain)
        return [_record(row, await self._open(row, organization_id)) for row in rows]

    async def check(self, record: KeyRecord) -> Seen:
        """Ask the name service whether the world sees a key's record."""
        if self._resolver is None:
            return "unanswered"
        try:
            texts = await self._resolver.txt(record.name)
        except DnsFailure:
            return "unanswered"
        if not texts:
            return "missing"
        seen = {_key_of(text.decode("utf-8", "replace")) for text in texts}
        return "published" if _key_of(record.text) in seen else "different"

    async def activate(self, domain: str, selector: str) -> list[str]:
        """Sign with a key from now on; return the selectors of those that it takes the place of. Raises NotFound."""
        rows = await self._store.dkim_keys(domain)
        chosen = _chosen(rows, selector)
        others = [row.selector for row in rows if row.kind == chosen.kind and row.state == "active" and row != chosen]
        states: dict[str, KeyState] = dict.fromkeys(others, "retired")
        if chosen.state != "active":
            states[selector] = "active"
        await self._store.set_dkim_states(domain, states, at=self._clock.now())
        return others

    async def retire(self, domain: str, selector: str) -> bool:
        """Sign with a key no more; say whether any other still signs. Raises NotFound."""
        rows = await self._store.dkim_keys(domain)
        chosen = _chosen(rows, selector)
        if chosen.state != "retired":
            await self._store.set_dkim_states(domain, {selector: "retired"}, at=self._clock.now())
        return any(row.state == "active" and row != chosen for row in rows)

    async def remove(self, domain: str, selector: str, *, now: bool = False) -> None:
        """Remove a retired key. Raises NotFound, Invalid where its record is still needed, unless `now`."""
        chosen = _chosen(await self._store.dkim_keys(domain), selector)
        if chosen.state == "active":
            raise Invalid(
                f"selector {selector} signs mail; retire it first", reason="selector.signs", selector=selector
            )
        if chosen.state == "retired" and not now and self._clock.now() - chosen.changed_at < KEPT_AFTER:
            raise Invalid(
                f"selector {selector} was retired less than 7 days ago; mail under way is checked with it",
                reason="selector.young",
                selector=selector,
            )
        await self._store.drop_dkim_key(domain, selector)

    async def for_domain(self, domain: str, organization_id: OrganizationId) -> list[SigningKey]:
        """Return the active keys of a domain of the organisation, or of the nearest domain above that has some."""
        labels = domain.split(".")
        for start in range(min(len(labels) - 1, MAX_ANCESTORS)):
            name = ".".join(labels[start:])
            rows = [row for row in await self._store.dkim_keys(name) if row.state == "active"]
            if not rows:
                continue
            owner = await self._store.domain(name)
            if owner is None or owner.organization_id != organization_id:
                return []
            return [SigningKey(name, row.selector, await self._open(row, organization_id)) for row in rows]
        return []

    async def for_organization(self, organization_id: OrganizationId) -> list[SigningKey]:
        """Return the active keys of the organisation's first domain that has some."""
        for domain in await self._store.domains():
            if domain.organization_id == organization_id:
                found = await self.for_domain(domain.name, organization_id)
                if found:
                    return found
        return []

    async def _open(self, row: SigningKeyRow, organization_id: OrganizationId) -> PrivateKey:
        now = self._clock.now()
        until, known = self._opened.get(row.sealed, (0, None))
        if known is not None and now < until:
            return known
        keys = await self._keyring.organization(organization_id)
        private = dkim_keys.load_private(keys.open(Kind.SIGNING_KEY, row.sealed), trusted=True)
        if len(self._opened) >= MAX_OPENED:
            self._opened.clear()
        self._opened[row.sealed] = now + OPENED_MS, private
        return private


def _chosen(rows: Sequence[SigningKeyRow], selector: str) -> SigningKeyRow:
    for row in rows:
        if row.selector == selector:
            return row
    raise NotFound(f"there is no key with selector {selector}")


def _record(row: SigningKeyRow, private: PrivateKey) -> KeyRecord:
    return KeyRecord(row, f"{row.selector}._domainkey.{row.domain}", dkim_keys.record_of(private))


def _key_of(text: str) -> bytes:
    """Return what makes two records the same key, b"" for none."""
    try:
        return dkim_keys.public_octets(dkim_keys.parse_record(text).key)
    except KeyRecordError:
        return b""
