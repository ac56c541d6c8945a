"""How accounts stand: whether a second factor is asked of a login, a new password, a consent. One place for every door.

STRATEGIES  Read anew at a hint about the account (topic "auth"), and after STANDING_MS whatever happens: a hint may be lost.
            The days of grace begin when a door first asks for a factor that is not there.
Must not know how a factor is checked.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from smartmail.domain.account import Account
from smartmail.domain.factors import Demand
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Origin
from smartmail.policy import knobs
from smartmail.policy.deciding import PolicyView
from smartmail.policy.proofs import FactorNeed, Standing, factor_need, is_stale
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store_directory import CredentialStore
from smartmail.ports.store_factors import FactorStore


class _Store(CredentialStore, FactorStore, Protocol): ...


TOPIC: Final = "auth"
STANDING_MS: Final = 1_000
MAX_KNOWN: Final = 10_000

AsksFactor = Callable[[Account, Origin], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class _Known:
    until: int
    standing: Standing


class Standings:
    """Asked at each login and each request of a session."""

    def __init__(self, store: _Store, clock: Clock, bus: Bus, asks_factor: AsksFactor) -> None:
        """`asks_factor`: whether a rule of access asks for a second factor here and now."""
        self._store = store
        self._clock = clock
        self._known: OrderedDict[AccountId, _Known] = OrderedDict()
        self._reads = 0
        self._asks_factor = asks_factor
        bus.subscribe(TOPIC, self._heard)

    async def of(self, account: Account) -> Standing:
        """Return how an account stands, as of a second ago at most."""
        now = self._clock.now()
        known = self._known.get(account.id)
        if known is not None and now < known.until:
            return known.standing
        reads = self._reads
        standing = await self._read(account)
        if reads == self._reads:
            self._keep(account.id, standing, now + STANDING_MS)
        return standing

    async def need(self, account: Account, policy: PolicyView, origin: Origin) -> FactorNeed:
        """Say whether a login owes a second factor; begins or forgets the days of grace."""
        standing, now = await self.of(account), self._clock.now()
        asked_for = await self._asks_factor(account, origin)
        need = factor_need(policy, standing, origin.address, now, asked_for=asked_for)
        if need == "grace" and standing.grace_from is None:
            await self._begin_grace(account.id, now)
        elif standing.grace_from is not None and policy[knobs.SECOND_FACTOR_REQUIRED] in {"off", "optional"}:
            await self._begin_grace(account.id, None)
        return need

    async def demands(self, account: Account, policy: PolicyView, origin: Origin, factor: str) -> tuple[Demand, ...]:
        """Return what a session still owes; `factor`: the kind that it has shown, "" for none."""
        found: list[Demand] = []
        need = "no" if factor else await self.need(account, policy, origin)
        if need == "asked":
            found.append("factor")
        if need == "enrol":
            found.append("enrol")
        standing = await self.of(account)
        if is_stale(policy, standing, self._clock.now()):
            found.append("password")
        if policy[knobs.CONSENT_REQUIRED] and standing.consents_missing:
            found.append("consent")
        return tuple(found)

    def forget(self, account_id: AccountId) -> None:
        """Read an account anew when it is asked for."""
        self._reads += 1
        self._known.pop(account_id, None)

    async def _begin_grace(self, account_id: AccountId, at: int | None) -> None:
        state = await self._store.proof_state(account_id)
        await self._store.put_proof_state(replace(state, grace_from=at))
        self.forget(account_id)

    async def _read(self, account: Account) -> Standing:
        rows = await self._store.factors(account.id)
        state = await self._store.proof_state(account.id)
        main = next((row for row in await self._store.credentials(account.id) if row.kind == "password"), None)
        return Standing(
            frozenset(row.kind for row in rows), state.grace_from, state.must_change, state.change_later_until,
            None if main is None else main.created_at, await self._misses_consent(account),
        )  # fmt: skip

    async def _misses_consent(self, account: Account) -> bool:
        newest: dict[str, int] = {}
        for text in await self._store.consent_texts(account.organization_id):
            newest[text.name] = max(text.version, newest.get(text.name, 0))
        if not newest:
            return False
        given = {(one.name, one.version) for one in await self._store.consents(account.id)}
        return any((name, version) not in given for name, version in newest.items())

    def _keep(self, account_id: AccountId, standing: Standing, until: int) -> None:
        self._known[account_id] = _Known(until, standing)
        self._known.move_to_end(account_id)
        while len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)

    def _heard(self, payload: str) -> None:
        number = payload.partition(" ")[0]
        self._reads += 1
        if number.isdecimal():
            self._known.pop(AccountId(int(number)), None)
        else:
            self._known.clear()
