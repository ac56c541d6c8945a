"""The gate: the one place that every door and every live login asks whether somebody may be there.

STRATEGIES  A refusal tells the door nothing but that there is one; what it was goes into the record of logins, with the
            rule and its epoch into the audit (KX-1; from one address once a minute), and to the owner of the
            account by mail, because whoever was refused here had the right secret. Where accounts come in
            from is remembered, to tell them of a new country and of a journey that nobody can have made (KA-25).
LIMITS      The owner is told of refusals from one country once in `DENIED_MS`, of a new country once, of a journey once in
            `TRAVEL_MS`. `MAX_KNOWN` accounts are remembered.
FAILURE     Judging fails closed: what cannot be judged does not come in. Telling fails silently, into the log.
"""

from collections import OrderedDict
from typing import Final, Protocol, TypeVar

from smartmail.domain.access import CHANNELS, Login, Place, Reason
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Origin, Proof
from smartmail.policy.access import AccessDecision, reason_of
from smartmail.policy.travel import is_impossible
from smartmail.ports.clock import Clock
from smartmail.ports.store_access import AccessStore
from smartmail.ports.store_audit import AuditLog
from smartmail.ports.store_defence import DefenceStore
from smartmail.ports.store_factors import FactorStore
from smartmail.service.identity.access.book import AccessBook, Stamp
from smartmail.service.identity.access.notices import AccessNotices
from smartmail.service.kernel.clock import DAY, HOUR, MINUTE
from smartmail.service.protection.defence.background import Background
from smartmail.service.protection.defence.places import place_of


class _Store(AccessStore, AuditLog, DefenceStore, FactorStore, Protocol): ...


K = TypeVar("K")
V = TypeVar("V")

DENIED_MS: Final = HOUR
NOTIFY_MS: Final = DAY
TRAVEL_MS: Final = 6 * HOUR
SAME_MS: Final = 10 * MINUTE
MAX_KNOWN: Final = 10_000
STANDING_FOR_TWO: Final = frozenset({"app", "token", "certificate", "key"})
"""Credentials that outlive a password and were made by who had shown more (service.identity.factors)."""
HISTORY_MS: Final = 30 * DAY
"""A network from which an account has logged in for so long is one of its own."""


class AccessGate:
    """Judges logins, and tells their owners."""

    def __init__(
        self, store: _Store, book: AccessBook, notices: AccessNotices, clock: Clock, background: Background
    ) -> None:
        self._store = store
        self._book = book
        self._notices = notices
        self._clock = clock
        self._background = background
        self._last: OrderedDict[AccountId, tuple[str, int]] = OrderedDict()
        self._told: OrderedDict[tuple[AccountId, str], int] = OrderedDict()

    async def refusal(self, account: Account, origin: Origin, proof: Proof, *, factor: str = "") -> Reason | None:
        """Say why access rules keep a proved login out; None when they do not. Raises Unavailable.

        A second factor that rules want is asked for by service.identity.factors; who has none stays outside: whoever stole a
        password shall not enrol the own.
        """
        decision = await self._decide(account, origin, proof, factor=factor)
        if decision is None or decision.action != "second_factor":
            return None if decision is None else decision.reason
        assert decision.rule is not None
        return None if await self._store.factors(account.id) else reason_of(decision.rule)

    async def asks_factor(self, account: Account, origin: Origin) -> bool:
        """Say whether a rule wants a second factor of who has shown none. Raises Unavailable."""
        decision = await self._decide(account, origin, "password")
        return decision is not None and decision.action == "second_factor"

    async def standing(self, now: int) -> tuple[Stamp, int | None]:
        """Return what changes when answers may change, and the next time at which they may by the clock alone."""
        return await self._book.standing(now)

    def place(self, address: str) -> Place:
        """Return where an address is."""
        return self._book.place(address)

    def came_in(self, account: Account, origin: Origin, proof: Proof) -> None:
        """A login was right and let in: remember from where, tell what is to be told. Nobody waits for it."""
        now = self._clock.now()
        address, until = self._last.get(account.id, ("", 0))
        if origin.door not in CHANNELS or (address == origin.address and now < until):
            return
        if self._background.start(self._note(account, origin, proof, now)):
            _keep(self._last, account.id, (origin.address, now + SAME_MS))

    def kept_out(self, account: Account, origin: Origin, proof: Proof, reason: str) -> bool:
        """A right login was refused: record by which rule, tell the owner. False when that was so within a minute: then
        it need not be recorded.
        """
        now, what = self._clock.now(), f"{reason} {origin.door} {origin.address}"
        if now < self._told.get((account.id, what), 0):
            return False
        _keep(self._told, (account.id, what), now + MINUTE)
        self._background.start(self._tell_denied(account, origin, proof, reason, now))
        return True

    async def settle(self) -> None:
        """Return when everything is noted and told; before the store closes."""
        await self._background.settle()

    async def _decide(
        self, account: Account, origin: Origin, proof: Proof, *, factor: str = ""
    ) -> AccessDecision | None:
        if origin.door not in CHANNELS:
            return None
        rules = await self._book.rules()
        if not rules.rules:
            return None
        known = "device_known" in rules.facts and await self._is_known(account, origin)
        shown = bool(factor) or proof in STANDING_FOR_TWO
        leapt = "impossible_travel" in rules.facts and await self._has_leapt(account, origin)
        return await self._book.decide(account, Login(origin.door, origin.address, proof, shown, known, leapt, factor))

    async def _is_known(self, account: Account, origin: Origin) -> bool:
        place = place_of(origin.address)
        if place is None:
            return False
        return await self._store.known_network(account.id, place.network, self._clock.now() - HISTORY_MS)

    async def _has_leapt(self, account: Account, origin: Origin) -> bool:
        country, before = self._book.place(origin.address).country, await self._store.countries_of(account.id)
        return bool(before) and is_impossible(before[0].country, country, self._clock.now() - before[0].last_at)

    async def _tell_denied(self, account: Account, origin: Origin, proof: Proof, reason: str, now: int) -> None:
        decision = await self._decide(account, origin, proof)
        if decision is not None and decision.rule is not None:
            epoch = (await self._book.rules()).epoch
            thing = f"access-rule:{decision.rule.id} epoch:{epoch} door:{origin.door} {reason}"
            record = AuditRecord(
                now, f"account:{account.id}", "access-rule.denied", thing, origin.address, door=origin.door
            )
            await self._store.audit(record, account.id)
        what = f"{reason} {_named(self._book.place(origin.address))}"
        if await self._store.claim_notice(account.id, "denied", what, now, now - DENIED_MS):
            await self._notices.denied(account, origin, self._book.place(origin.address), now)

    async def _note(self, account: Account, origin: Origin, proof: Proof, now: int) -> None:
        place = self._book.place(origin.address)
        decision = await self._book.decide(account, Login(origin.door, origin.address, proof))
        if decision is not None and decision.action == "notify":
            what = f"{origin.door} {_named(place)}"
            if await self._store.claim_notice(account.id, "notify", what, now, now - NOTIFY_MS):
                await self._notices.noticed(account, origin, place, now)
        if place.country:
            await self._note_country(account, origin, place, now)

    async def _note_country(self, account: Account, origin: Origin, place: Place, now: int) -> None:
        visit = await self._store.note_country(account.id, place.country, now)
        if not visit.country:
            return
        if is_impossible(visit.country, place.country, now - visit.at):
            what = f"{visit.country} {place.country}"
            if await self._store.claim_notice(account.id, "travel", what, now, now - TRAVEL_MS):
                await self._notices.travelled(account, origin, visit, place, now)
        elif visit.new and await self._store.claim_notice(account.id, "country", place.country, now, now - DAY):
            await self._notices.new_country(account, origin, place, now)


def _named(place: Place) -> str:
    return place.country or place.kind


def _keep(known: OrderedDict[K, V], key: K, value: V) -> None:
    known[key] = value
    known.move_to_end(key)
    while len(known) > MAX_KNOWN:
        known.popitem(last=False)
