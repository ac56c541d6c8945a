"""What policy says: the snapshot of rules that this process obeys, and questions to it.

STRATEGIES
  One immutable ruleset per process, swapped as a whole (AR-9). A hint on the bus, or a second
  without a look at the epoch, makes the next question look; so nobody asks about an epoch older than a second, a lost
  hint included, and no loop runs for it.
FAILURE
  An epoch that cannot be compiled (a newer program's) is logged; the last good one holds. Without any: Unavailable.
Must not know who may change policy (service.governance.governing) nor what a door does with the answer.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from smartmail.base import log
from smartmail.domain.account import Account, Group
from smartmail.domain.errors import Invalid, MailError, Unavailable
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.organization import lineage
from smartmail.domain.policy import PolicyRule, Scope, Value
from smartmail.formats.address import split_address
from smartmail.policy import knobs
from smartmail.policy.deciding import Decision, Facts, PolicyView, Ruleset, Why, decide, explain
from smartmail.policy.knobs import CLIENT_DOORS, DOORS, GATED_DOORS, KNOBS, Knob
from smartmail.policy.mechanisms import WireFacts, mechanisms
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_organization import OrganizationStore
from smartmail.ports.store_policy import GroupStore, PolicyStore
from smartmail.service.kernel.clock import SECOND


class _Store(AccountStore, GroupStore, OrganizationStore, PolicyStore, Protocol): ...


__all__ = ["CLIENT_DOORS", "GATED_DOORS", "Effective", "Explained", "PolicyService", "WireFacts", "find_knob"]

V = TypeVar("V", bound=Value)

TOPIC = "policy"
FRESH_MS = SECOND
MAX_KNOWN = 10_000
"""Accounts whose scopes are remembered, some hundred octets each."""

SYSTEM = Scope("system")


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a knob has its value for an account: every rule that names it, strongest first, and what became of it."""

    knob: str
    value: Value
    epoch: int
    rule: PolicyRule | None
    rules: tuple[tuple[PolicyRule, Why], ...]


@dataclass(frozen=True, slots=True)
class Effective:
    """Everything that holds for one account, each value with the rule that gave it (None: nobody set it)."""

    epoch: int
    knobs: Mapping[str, Decision[Any]]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far this process is: the epoch that it obeys, since when, the newest that it has seen, why it obeys no newer."""

    epoch: int
    since: int
    seen: int
    error: str


@dataclass(frozen=True, slots=True)
class _Known:
    epoch: int
    place: tuple[object, ...]
    scopes: Mapping[Scope, int]


class PolicyService:
    """Answers for every door and every service."""

    def __init__(self, store: _Store, clock: Clock, bus: Bus) -> None:
        self._store = store
        self._clock = clock
        self._rules: Ruleset | None = None
        self._seen = -1
        self._since = 0
        self._error = ""
        self._fresh_until = 0
        self._looking = asyncio.Lock()
        self._known: OrderedDict[AccountId, _Known] = OrderedDict()
        bus.subscribe(TOPIC, self._heard)

    async def ruleset(self) -> Ruleset:
        """Return the rules in force, as of a second ago at most. Raises Unavailable."""
        if self._rules is None or self._clock.now() >= self._fresh_until:
            async with self._looking:
                if self._rules is None or self._clock.now() >= self._fresh_until:
                    await self._look()
        assert self._rules is not None
        return self._rules

    async def of(self, account: Account) -> PolicyView:
        """Return what holds for an account now, to ask for several knobs of one moment."""
        rules = await self.ruleset()
        return PolicyView(rules, await self._facts(rules, account))

    async def scopes_of(self, account: Account) -> Mapping[Scope, int]:
        """Return the scopes that an account lies in, with their priority."""
        return (await self._facts(await self.ruleset(), account)).scopes

    async def of_id(self, account_id: AccountId) -> PolicyView:
        """The same by id. Raises NotFound."""
        return await self.of(await self._store.account(account_id))

    async def of_place(self, organization_id: OrganizationId, domain: str, department: str = "") -> PolicyView:
        """Return what holds for a person who has no account there yet."""
        scopes = _place_scopes(organization_id, domain)
        if department:
            _add_departments(scopes, organization_id, await self._above(organization_id, department))
        return PolicyView(await self.ruleset(), Facts(self._clock.now(), scopes))

    async def at_large(self) -> PolicyView:
        """Return what holds where nobody has said yet who they are: what is set for the system."""
        rules = await self.ruleset()
        return PolicyView(rules, self._nobody())

    async def value(self, account: Account, knob: Knob[V]) -> V:
        """Return one knob's value for an account."""
        rules = await self.ruleset()
        if not rules.levels(knob.name) & {"department", "group"}:
            # Nobody's seats and groups matter: for quotas of all accounts after each move that is worth a lot.
            scopes = _place_scopes(account.organization_id, split_address(account.login)[1])
            scopes[Scope("account", str(account.id))] = 0
            return decide(rules, knob, Facts(self._clock.now(), scopes)).value
        return decide(rules, knob, await self._facts(rules, account)).value

    async def value_of_id(self, account_id: AccountId, knob: Knob[V]) -> V:
        """The same by id. Raises NotFound."""
        return await self.value(await self._store.account(account_id), knob)

    async def value_at_large(self, knob: Knob[V]) -> V:
        """Return a knob's value where nobody has said yet who they are."""
        return decide(await self.ruleset(), knob, self._nobody()).value

    async def value_of_place(self, organization_id: OrganizationId | None, knob: Knob[V]) -> V:
        """Return a knob's value for an organisation as such, None: for the system."""
        scopes = {SYSTEM: 0}
        if organization_id is not None:
            scopes[Scope("organization", str(organization_id))] = 0
        return decide(await self.ruleset(), knob, Facts(self._clock.now(), scopes)).value

    async def explain(self, account_id: AccountId, name: str) -> Explained:
        """Say why a knob has its value for an account. Raises NotFound, Invalid (no such knob)."""
        knob = find_knob(name)
        account = await self._store.account(account_id)
        rules = await self.ruleset()
        decision, about = explain(rules, knob, await self._facts(rules, account))
        return Explained(name, decision.value, rules.epoch, decision.rule, tuple(about))

    async def effective(self, account_id: AccountId) -> Effective:
        """Return every knob's value for an account with where it came from. Raises NotFound."""
        account = await self._store.account(account_id)
        rules = await self.ruleset()
        facts = await self._facts(rules, account)
        return Effective(rules.epoch, {name: decide(rules, knob, facts) for name, knob in KNOBS.items()})

    async def standing(self) -> Standing:
        """Look whether there is a newer epoch, as of a second ago at most; return how far this process is.

        Raises Unavailable where it obeys none at all.
        """
        rules = await self.ruleset()
        return Standing(rules.epoch, self._since, self._seen, self._error)

    async def scopes_of_all(self, accounts: Sequence[Account]) -> dict[AccountId, Mapping[Scope, int]]:
        """Return the scopes of many accounts with their priorities: what `Facts` of each are made of."""
        groups: dict[AccountId, list[Group]] = {}
        for group in await self._store.groups():
            for member in await self._store.group_members(group.id):
                groups.setdefault(member, []).append(group)
        return {account.id: await self._scopes_with(account, groups.get(account.id, ())) for account in accounts}

    async def is_closed_for_some(self, door: str) -> bool:
        """Say whether any rule in force closes a door, for whomever."""
        knob = DOORS.get(door)
        return knob is not None and (await self.ruleset()).sets(knob.name, value=False, now=self._clock.now())

    async def mechanisms(self, door: str, wire: WireFacts) -> tuple[str, ...]:
        """Return the SASL mechanisms that a door offers before login, best first.

        Not a decision about anybody: each login is judged anew. A door that is closed for most may be open for some,
        so it offers what it has. Where the rules cannot be read now, those at hand hold.
        """
        try:
            rules = await self.ruleset()
        except MailError:
            rules = self._rules or Ruleset(0, ())
        large = PolicyView(rules, self._nobody())
        return mechanisms(
            door, wire, open_door=True, main_passwords=not large[knobs.APP_PASSWORD_REQUIRED],
            app_passwords=large[knobs.APP_PASSWORDS], tokens=large[knobs.ACCESS_TOKENS], certificates=large[knobs.CLIENT_CERTIFICATES],
        )  # fmt: skip

    def _heard(self, _payload: str) -> None:
        self._fresh_until = 0

    async def _look(self) -> None:
        # The time before the look: a change during it is found by the next.
        now = self._clock.now()
        if self._rules is None or await self._store.policy_epoch() != self._seen:
            await self._read()
        self._fresh_until = now + FRESH_MS

    async def _read(self) -> None:
        epoch, rows = await self._store.policy_rules()
        try:
            rules = Ruleset(epoch, rows)
        except ValueError as error:
            log.event("policy.unreadable", epoch=epoch, detail=str(error))
            if self._rules is None:
                raise Unavailable(detail=f"epoch {epoch} of the policy cannot be obeyed: {error}") from error
            self._seen, self._error = epoch, str(error)
            return
        self._rules, self._seen, self._since, self._error = rules, epoch, self._clock.now(), ""
        if epoch:
            log.event("policy.applied", epoch=epoch)

    def _nobody(self) -> Facts:
        return Facts(self._clock.now(), {SYSTEM: 0})

    async def _facts(self, rules: Ruleset, account: Account) -> Facts:
        place = (account.organization_id, account.login, account.department)
        known = self._known.get(account.id)
        if known is None or known.epoch != rules.epoch or known.place != place:
            known = _Known(rules.epoch, place, await self._scopes(account))
            self._known[account.id] = known
            while len(self._known) > MAX_KNOWN:
                self._known.popitem(last=False)
        return Facts(self._clock.now(), known.scopes)

    async def _scopes(self, account: Account) -> Mapping[Scope, int]:
        return await self._scopes_with(account, await self._store.groups_of(account.id))

    async def _scopes_with(self, account: Account, groups: Sequence[Group]) -> Mapping[Scope, int]:
        scopes = _place_scopes(account.organization_id, split_address(account.login)[1])
        _add_departments(scopes, account.organization_id, (await self._store.standing(account.id)).departments)
        scopes[Scope("account", str(account.id))] = 0
        for group in groups:
            scopes[Scope("group", str(group.id))] = group.priority
        return scopes

    async def _above(self, organization_id: OrganizationId, department: str) -> dict[str, int]:
        """Return the department of a code or name and those above it, by code with their distance."""
        known = {one.id: one for one in await self._store.departments(organization_id)}
        named = [one for one in known.values() if one.code == department]
        named = named or [one for one in known.values() if one.name == department]
        return {one.code: far for found in named[:1] for far, one in enumerate(lineage(known, found.id))}


def find_knob(name: str) -> Knob[Value]:
    """Return the knob of a name that was given. Raises Invalid (no such knob)."""
    if name not in KNOBS:
        raise Invalid(f"there is no knob {name!r}", reason="knob.none", knob=name)
    return KNOBS[name]


def _place_scopes(organization_id: OrganizationId, domain: str) -> dict[Scope, int]:
    return {SYSTEM: 0, Scope("organization", str(organization_id)): 0, Scope("domain", domain): 0}


def _add_departments(scopes: dict[Scope, int], organization_id: OrganizationId, above: Mapping[str, int]) -> None:
    """Add departments, so that the nearest is the strongest (KX-2); of two own ones the stricter rule holds."""
    for code, distance in above.items():
        scopes[Scope("department", f"{organization_id}:{code}")] = -distance
