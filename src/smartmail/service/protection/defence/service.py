"""What the edge, the command line and other services hold of defence."""

from collections.abc import Callable
from dataclasses import dataclass

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.defence import Allow, AllowKind, Ban, SendingStop
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.ports.clock import Clock
from smartmail.ports.store_defence import DefenceStore
from smartmail.service.kernel.authority import Authority
from smartmail.service.protection.defence.accounts import AccountBudgets
from smartmail.service.protection.defence.bans import MOST_HELD, Bans
from smartmail.service.protection.defence.bombs import BombWatch
from smartmail.service.protection.defence.budgets import Buckets, Budget
from smartmail.service.protection.defence.greylist import Greylist
from smartmail.service.protection.defence.known import KnownPlaces
from smartmail.service.protection.defence.logins import LoginGuard
from smartmail.service.protection.defence.places import Place, place_of, subject_of
from smartmail.service.protection.defence.sending import SendingWatch
from smartmail.service.protection.defence.settings import DefenceSettings
from smartmail.service.protection.defence.strikes import Strikes
from smartmail.service.protection.defence.visits import Sizes, Visit

UPKEEP_BLOCK = 1000
HISTORY_SHOWN = 200
PEOPLE_FOR_AS_MUCH = 10
"""People who log in from an address that add as much to its budget of connections as strangers have."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a composition makes (app.wiring.protection)."""

    bans: Bans
    strikes: Strikes
    greylist: Greylist
    logins: LoginGuard
    sending: SendingWatch
    bombs: BombWatch
    accounts: AccountBudgets
    places: KnownPlaces


class DefenceService:
    """Doors ask `admit` for each connection; SMTP keeps a `visit`; administrators see and release."""

    def __init__(
        self, store: DefenceStore, clock: Clock, parts: Parts, authority: Authority, on_refusal: Callable[[str], None]
    ) -> None:
        """`on_refusal` is told which host was refused."""
        self._authority = authority
        self._store = store
        self._clock = clock
        self.parts = parts
        self._bans = parts.bans
        self._strikes = parts.strikes
        self._sizes = self._sized()
        self._network_connections: Buckets[str] = self._of_networks()
        self._told: Buckets[str] = Buckets(Budget(1, 60.0), 1024)
        self._sized_by = parts.bans.settings
        self.on_refusal = on_refusal
        parts.bans.on_change(self._resized)

    # What doors ask

    def admit(self, host: str) -> str:
        """Return "" for a connection that may come in, else why not: "banned" or "rate". Waits for nothing."""
        place = place_of(host)
        if place is None:
            return ""
        if self._bans.is_banned(host):
            return "banned"
        if self._bans.is_allowed(host):
            return ""
        now = self._clock.now()
        weight = self._weight(place, now)
        if self._sizes.connections.take(place.address, now, weight) and self._network_connections.take(
            place.network, now, weight
        ):
            return ""
        self._strikes.strike("flood", host)
        self.refused(host)
        if self._told.take(place.address, now):
            log.event("connection.refused", peer=host, reason="rate")
        return "rate"

    def _weight(self, place: Place, now: int) -> float:
        """Return what one connection spends: the less, the more people of ours come from there. Asked from half a budget on."""
        buckets = self._sizes.connections
        if 2 * buckets.used(place.address, now) < buckets.budget.burst:
            return 1.0
        return 1 / (1 + self.parts.places.people(place.address) / PEOPLE_FOR_AS_MUCH)

    def room(self, host: str, strangers: int) -> int:
        """Return how many connections of strangers an address may have at once at a listener, where it has so many; 0 for
        one that is never judged. Waits for nothing.
        """
        settings, place = self.settings, place_of(host)
        if place is not None and self._bans.is_allowed(host):
            return 0
        if place is None or 2 * strangers < settings.strangers_at_once:
            return settings.strangers_at_once
        return settings.strangers_at_once + settings.strangers_for_each_person * self.parts.places.people(place.address)

    def refused(self, host: str) -> None:
        """A connection was refused for the number of them."""
        self.on_refusal(host)

    def is_banned(self, host: str) -> bool:
        """Say whether a host is shut out."""
        return place_of(host) is not None and self._bans.is_banned(host)

    def on_ban(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever somebody is banned: connections that are open already end then."""
        self._bans.on_ban(listener)

    def visit(self, host: str, *, mx: bool) -> Visit:
        """Begin to watch one SMTP connection."""
        return Visit(host, self._bans, self._strikes, self.parts.greylist, self._sizes, self._clock, mx=mx)

    def is_partner(self, host: str) -> bool:
        """Say whether a host is registered as a partner's."""
        return self._bans.is_partner(host)

    @property
    def accounts(self) -> AccountBudgets:
        """Return what counts the connections, commands and octets of accounts."""
        return self.parts.accounts

    @property
    def settings(self) -> DefenceSettings:
        """Return the settings in force, as of a second ago."""
        return self._bans.settings

    async def ready(self) -> None:
        """Read what the store knows; before the first connection."""
        await self._bans.look()

    async def settle(self) -> None:
        """Return when everything noted is written; before the store closes."""
        await self.parts.logins.settle()

    # What administrators do

    async def bans(self) -> list[Ban]:
        """Return the bans that stand."""
        return await self._store.bans(self._clock.now(), MOST_HELD)

    async def history(self) -> list[Ban]:
        """Return the newest bans of any state."""
        return await self._store.ban_history(HISTORY_SHOWN)

    async def allows(self) -> list[Allow]:
        """Return the exceptions that hold."""
        return await self._store.allows(self._clock.now())

    async def allow_address(
        self, actor: Actor, text: str, until: int, note: str = "", *, partner: bool = False
    ) -> Allow:
        """Never shut an address or network out until a time. Raises Invalid."""
        await self._authority.require(actor, "defence.change", Scope("system"))
        return await self._bans.allow(actor, text, "partner" if partner else "address", until, note)

    async def disallow_address(self, actor: Actor, text: str) -> None:
        """Take such an exception back. Raises NotFound, Invalid."""
        await self._authority.require(actor, "defence.change", Scope("system"))
        kinds: tuple[AllowKind, ...] = ("address", "partner")
        found = {allow.kind for allow in await self.allows() if allow.subject == _subject(text)}
        if not found:
            raise NotFound("there is no such exception")
        for kind in kinds:
            if kind in found:
                await self._bans.disallow(actor, text, kind)

    async def ban(self, actor: Actor, text: str, until: int, note: str = "") -> Ban:
        """Shut an address or network out until a time. Raises Invalid."""
        await self._authority.require(actor, "defence.change", Scope("system"))
        return await self._bans.ban_by_hand(actor, text, until, note)

    async def release(self, actor: Actor, text: str) -> list[Ban]:
        """End the bans of an address or network, or the one with a number; what was counted is forgotten here.

        Raises NotFound.
        """
        await self._authority.require(actor, "defence.change", Scope("system"))
        subject = _subject(text)
        chosen = [ban for ban in await self.bans() if str(ban.id) == text or ban.subject == subject]
        if not chosen:
            raise NotFound("there is no such ban, or it has ended")
        for ban in chosen:
            await self._bans.release(actor, ban.id)
            self._strikes.pardon(ban.subject.partition("/")[0])
        return chosen

    async def set(self, actor: Actor, name: str, value: str) -> DefenceSettings:
        """Change one setting, in every process. Raises Invalid."""
        await self._authority.require(actor, "defence.change", Scope("system"))
        return await self._bans.set(actor, name, value)

    def note(self, row: Ban | Allow) -> str:
        """Return the words that an administrator left with a ban or exception."""
        return self._bans.note(row)

    # Sending of accounts

    async def sending_stops(self) -> list[SendingStop]:
        """Return the accounts whose sending is stopped."""
        return await self.parts.sending.stopped()

    async def stop_sending(self, actor: Actor, account: Account) -> bool:
        """Stop an account by hand; False when it was stopped already."""
        await self._authority.require(actor, "defence.change", Scope("account", str(int(account.id))))
        return await self.parts.sending.stop(account.id, "manual", {}, actor.named)

    async def resume_sending(self, actor: Actor, account: Account) -> int:
        """Let an account send again; return how many recipients go now. Raises NotFound."""
        await self._authority.require(actor, "defence.change", Scope("account", str(int(account.id))))
        return await self.parts.sending.resume(actor, account.id)

    async def allow_bulk(self, actor: Actor, account_id: AccountId, until: int, note: str = "") -> Allow:
        """Expect much mail of an account until a time. Raises Invalid."""
        await self._authority.require(actor, "defence.change", Scope("account", str(int(account_id))))
        return await self._bans.allow(actor, f"account:{account_id}", "sending", until, note)

    async def disallow_bulk(self, actor: Actor, account_id: AccountId) -> None:
        """Take that back. Raises NotFound."""
        await self._authority.require(actor, "defence.change", Scope("account", str(int(account_id))))
        await self._bans.disallow(actor, f"account:{account_id}", "sending")

    async def upkeep(self) -> int:
        """Remove what ended long ago; a job's work."""
        gone = total = await self._store.forget_defence(self._clock.now(), UPKEEP_BLOCK)
        while gone >= UPKEEP_BLOCK:
            gone = await self._store.forget_defence(self._clock.now(), UPKEEP_BLOCK)
            total += gone
        return total

    # Budgets

    def _resized(self) -> None:
        if self._bans.settings != self._sized_by:
            self._sized_by = self._bans.settings
            self._sizes = self._sized()
            self._network_connections = self._of_networks()

    def _sized(self) -> Sizes:
        settings = self._bans.settings
        return Sizes(
            Buckets(settings.connections()), Buckets(settings.commands()), Buckets(settings.messages()),
            Buckets(settings.octets()),
        )  # fmt: skip

    def _of_networks(self) -> Buckets[str]:
        settings = self._bans.settings
        return Buckets(settings.connections().times(settings.network_factor))


def _subject(text: str) -> str:
    try:
        return subject_of(text)
    except ValueError:
        return ""
