"""Registered relays: business systems, scanners and the like that send without a person who logs in (BR-13).

NAME       relays
PURPOSE    Who may send from where, as whom, how much, until when. Their mail is a submission of their owner.
STRATEGIES All relays are read anew each second; a process that knows of none asks nobody about its peers.
LIMITS     Messages an hour, counted in the store, so that all processes and nodes count together.
FAILURE    A store that cannot count refuses for now (451).
SECURITY   A peer is judged by its address alone, so each relay shows only the senders that it was registered for. Other mail
           from its network is no submission: mail servers and people stand behind the same address. An
           ended relay is no relay. Clear text passwords are taken only from the networks of a relay that says so.
"""

from dataclasses import dataclass, replace
from ipaddress import ip_network

import msgspec

from smartmail.domain.account import Account
from smartmail.domain.addressing import RelayRow, RelayText
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, PolicyRejected, RateLimited
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.address import normalize, split_address
from smartmail.formats.seal import Kind
from smartmail.service.flow.addressing.book import AddressBook
from smartmail.service.flow.addressing.notices import NoticeWriter
from smartmail.service.flow.addressing.passing import within
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY, HOUR, SECOND
from smartmail.service.kernel.push import Hints

FRESH_MS = SECOND
STALE = 90 * DAY


class HourIsFull(RateLimited):
    """A relay has sent what it may send in an hour; its own queue shall wait for the next one."""


@dataclass(frozen=True, slots=True)
class Relay:
    """A registered relay, opened."""

    row: RelayRow
    text: RelayText

    def may_show(self, address: str) -> bool:
        """Say whether it may show an address as sender."""
        wanted = normalize(address)
        return wanted in self.text.senders or f"@{split_address(wanted)[1]}" in self.text.senders

    def check(self, *addresses: str) -> None:
        """Raise PolicyRejected for an address that it may not show."""
        for one in addresses:
            if not self.may_show(one):
                raise PolicyRejected(f"{one} is not an address that this system is registered for")


class RelayService:
    """Knows relays, counts what they send, keeps the register."""

    def __init__(self, book: AddressBook, notices: NoticeWriter, hints: Hints, authority: Authority) -> None:
        self._book = book
        self._authority = authority
        self._store = book.store
        self._clock = book.clock
        self._notices = notices
        self._hints = hints
        self._read_at = -FRESH_MS
        self._relays: list[Relay] = []

    # -- at the door ------------------------------------------------------------------------------------------------

    async def at(self, address: str) -> list[Relay]:
        """Return the relays in force whose networks an address lies in."""
        now = self._clock.now()
        if now - self._read_at >= FRESH_MS:
            self._relays = await self.list_all()
            self._read_at = now
        return [one for one in self._relays if now < one.row.ends_at and within(address, one.row.networks)]

    async def takes_cleartext(self, address: str) -> bool:
        """Say whether a peer may log in without TLS on port 25."""
        return any(one.row.cleartext for one in await self.at(address))

    async def sender(self, origin: Origin, reverse_path: str) -> tuple[Relay, Actor] | None:
        """Return the relay that a peer sends as, and its owner; None where none at that address may show this sender: its
        mail is then judged like anybody's, and relayed for nobody. Raises PolicyRejected: the owner is closed.
        """
        for relay in await self.at(origin.address):
            if not reverse_path or relay.may_show(reverse_path):
                return relay, await self.owner(relay, origin)
        return None

    async def owner(self, relay: Relay, origin: Origin) -> Actor:
        """Return the account that a relay sends for. Raises PolicyRejected for one that is closed."""
        account = await self._store.account(relay.row.account_id)
        if not account.may("send", self._clock.now()):
            raise PolicyRejected("the account that answers for this system is closed")
        return Actor(account.id, account.organization_id, account.login, False, origin, account.auth_epoch)

    async def count(self, relay: Relay) -> None:
        """Count one message. Raises HourIsFull over the hour's limit; the owner is told once an hour."""
        row, now = relay.row, self._clock.now()
        hour = now // HOUR
        before = await self._store.count_relay(row.id, hour, row.hourly, now=now)
        if not row.hourly or before < row.hourly:
            return
        await self._tell(relay, hour)
        raise HourIsFull(f"this system may send {row.hourly} messages an hour; try again in the next hour")

    async def _tell(self, relay: Relay, hour: int) -> None:
        account = await self._store.account(relay.row.account_id)
        values = {"purpose": relay.text.purpose, "limit": relay.row.hourly, "id": relay.row.id}
        entry = await self._notices.entry(account.organization_id, account.login, "relay.limit", values)
        if await self._store.tell_relay(relay.row.id, hour, entry):
            self._hints.queue_changed()

    # -- the register -----------------------------------------------------------------------------------------------

    async def list_all(self) -> list[Relay]:
        """Return all relays, opened."""
        return [await self._opened(row) for row in await self._store.relays()]

    async def _opened(self, row: RelayRow) -> Relay:
        keys = await self._book.keyring.organization(row.organization_id)
        return Relay(row, msgspec.msgpack.decode(keys.open(Kind.RELAY, row.sealed), type=RelayText))

    async def register(
        self, actor: Actor, owner: Account, text: RelayText, networks: tuple[str, ...], *, hourly: int, ends_at: int,
        cleartext: bool,
    ) -> Relay:  # fmt: skip
        """Register a relay. Raises Invalid: no network, no sender, a sender of somebody else's domain, an end in the past."""
        await self._authority.require(actor, "domain.change", Scope("organization", str(int(owner.organization_id))))
        now = self._clock.now()
        checked = await self._checked(owner, text)
        if not networks or ends_at <= now or hourly < 0:
            raise Invalid(
                "a relay has a network, an end that is yet to come, and no negative limit", reason="relay.form"
            )
        row = RelayRow(
            0, owner.organization_id, owner.id, _networks(networks), hourly, ends_at, cleartext, now, None,
            await self._sealed(owner, checked),
        )  # fmt: skip
        made = await self._store.put_relay(row, self._audit(actor, "relay.add", owner.id))
        self._read_at = -FRESH_MS
        return Relay(made, checked)

    async def prolong(
        self, actor: Actor, relay_id: int, *, ends_at: int | None = None, hourly: int | None = None
    ) -> Relay:
        """Change end or limit. Raises NotFound."""
        one = await self._mine(actor, relay_id)
        row = replace(
            one.row, ends_at=one.row.ends_at if ends_at is None else ends_at,
            hourly=one.row.hourly if hourly is None else hourly,
        )  # fmt: skip
        await self._store.put_relay(row, self._audit(actor, "relay.change", relay_id))
        self._read_at = -FRESH_MS
        return replace(one, row=row)

    async def remove(self, actor: Actor, relay_id: int) -> None:
        """Take a relay off the register. Raises NotFound."""
        await self._mine(actor, relay_id)
        await self._store.delete_relay(relay_id, self._audit(actor, "relay.remove", relay_id))
        self._read_at = -FRESH_MS

    async def _mine(self, actor: Actor, relay_id: int) -> Relay:
        """Return a relay that the actor may change. Raises Forbidden, NotFound."""
        found = next((one for one in await self.list_all() if one.row.id == relay_id), None)
        owner = None if found is None else found.row.organization_id
        await self._authority.require_owner(actor, "domain.change", owner, f"there is no relay {relay_id}")
        assert found is not None
        return found

    def is_stale(self, relay: Relay) -> bool:
        """Say whether nothing was sent for so long that somebody should ask whether it is still there."""
        return self._clock.now() - (relay.row.last_used_at or relay.row.created_at) > STALE

    async def _checked(self, owner: Account, text: RelayText) -> RelayText:
        senders = tuple(
            dict.fromkeys(normalize(one) if not one.startswith("@") else one.lower() for one in text.senders)
        )
        if not senders:
            raise Invalid("a relay shows at least one sender address", reason="relay.sender")
        for one in senders:
            row = await self._store.domain(split_address(one)[1])
            if row is None or row.organization_id != owner.organization_id:
                raise Invalid(f"{one} is in no domain of the owner's organisation", reason="domain.foreign", name=one)
        return RelayText(text.purpose, senders)

    async def _sealed(self, owner: Account, text: RelayText) -> bytes:
        keys = await self._book.keyring.organization(owner.organization_id)
        return keys.seal(Kind.RELAY, msgspec.msgpack.encode(text))

    def _audit(self, actor: Actor, action: str, about: int) -> AuditRecord:
        who = actor.named
        return AuditRecord(
            self._clock.now(), who, action, f"relay:{about}", actor.origin.address, door=actor.origin.door
        )


def _networks(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return networks in their usual spelling. Raises Invalid."""
    try:
        return tuple(str(ip_network(text.strip(), strict=False)) for text in texts)
    except ValueError as error:
        raise Invalid(str(error), reason="network.names") from error
