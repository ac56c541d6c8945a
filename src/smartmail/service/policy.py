"""What policy says: the snapshot of rules that this process obeys, and questions to it.

STRATEGIES
  One immutable ruleset per process, swapped as a whole (docs/architecture.md 6.3). A hint on the bus, or a second
  without a look at the epoch, makes the next question look; so nobody asks about an epoch older than a second, a lost
  hint included, and no loop runs for it.
FAILURE
  An epoch that cannot be compiled (a newer program's) is logged; the last good one holds. Without any: Unavailable.
Must not know who may change policy (service.governing) nor what a door does with the answer.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.errors import Invalid, MailError, Unavailable
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import AccountPolicy, PolicyRule, Scope, Value
from smartmail.formats.address import split_address
from smartmail.policy import knobs
from smartmail.policy.deciding import Facts, Ruleset, Why, decide, explain
from smartmail.policy.knobs import CLIENT_DOORS, DOORS, GATED_DOORS, KNOBS, Knob
from smartmail.policy.mechanisms import WireFacts, mechanisms
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.clock import SECOND

__all__ = ["CLIENT_DOORS", "GATED_DOORS", "Explained", "PolicyService", "WireFacts"]

V = TypeVar("V", bound=Value)

TOPIC = "policy"
FRESH_MS = SECOND
MAX_KNOWN = 10_000
"""Accounts whose scopes are remembered, some hundred octets each."""

SYSTEM = Scope("system")

_FIELDS: Mapping[str, Knob[Any]] = {
    "app_password_required": knobs.APP_PASSWORD_REQUIRED,
    "app_passwords": knobs.APP_PASSWORDS,
    "access_tokens": knobs.ACCESS_TOKENS,
    "client_certificates": knobs.CLIENT_CERTIFICATES,
    "login_record_days": knobs.LOGIN_RECORD_DAYS,
    "password_min_length": knobs.PASSWORD_MIN_LENGTH,
    "session_hours": knobs.SESSION_HOURS,
    "session_idle_minutes": knobs.SESSION_IDLE_MINUTES,
    "session_concurrent": knobs.SESSION_CONCURRENT,
    "pop3_dele": knobs.POP3_DELE,
    "pop3_login_delay_seconds": knobs.POP3_LOGIN_DELAY,
    "quota_octets": knobs.QUOTA_OCTETS,
    "quota_over": knobs.QUOTA_OVER,
    "message_max_octets": knobs.MESSAGE_MAX_OCTETS,
    "message_max_recipients": knobs.MESSAGE_MAX_RECIPIENTS,
    "message_max_outside": knobs.MESSAGE_MAX_OUTSIDE,
    "message_warn_outside": knobs.MESSAGE_WARN_OUTSIDE,
    "day_max_outside": knobs.DAY_MAX_OUTSIDE,
    "day_warn_outside": knobs.DAY_WARN_OUTSIDE,
    "outside_over": knobs.OUTSIDE_OVER,
    "forward_external": knobs.FORWARD_EXTERNAL,
    "vacation": knobs.VACATION,
    "vacation_external": knobs.VACATION_EXTERNAL,
    "sieve_scripts": knobs.SIEVE_SCRIPTS,
    "sharing_anyone": knobs.SHARING_ANYONE,
    "sharing_between_domains": knobs.SHARING_BETWEEN_DOMAINS,
    "vault_days": knobs.VAULT_DAYS,
    "trash_days": knobs.TRASH_DAYS,
    "detach": knobs.DETACH,
    "language": knobs.LANGUAGE,
    "languages": knobs.OFFERED_LANGUAGES,
    "spam_junk_score": knobs.SPAM_JUNK_SCORE,
    "spam_quarantine_score": knobs.SPAM_QUARANTINE_SCORE,
    "spam_reject_score": knobs.SPAM_REJECT_SCORE,
    "quarantine_days": knobs.QUARANTINE_DAYS,
    "quarantine_release": knobs.QUARANTINE_RELEASE,
    "quarantine_links": knobs.QUARANTINE_LINKS,
    "digest": knobs.DIGEST,
    "digest_hours": knobs.DIGEST_HOURS,
    "digest_zone": knobs.DIGEST_ZONE,
    "client_address": knobs.CLIENT_ADDRESS,
    "country_header": knobs.COUNTRY_HEADER,
}


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a knob has its value for an account: every rule that names it, strongest first, and what became of it."""

    knob: str
    value: Value
    epoch: int
    rule: PolicyRule | None
    rules: tuple[tuple[PolicyRule, Why], ...]


@dataclass(frozen=True, slots=True)
class _Known:
    epoch: int
    place: tuple[object, ...]
    scopes: Mapping[Scope, int]


class PolicyService:
    """Answers for every door and every service."""

    def __init__(self, store: Store, clock: Clock, bus: Bus) -> None:
        self._store = store
        self._clock = clock
        self._rules: Ruleset | None = None
        self._seen = -1
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

    async def of(self, account: Account) -> AccountPolicy:
        """Return everything that holds for an account now."""
        rules = await self.ruleset()
        return _compose(rules, await self._facts(rules, account))

    async def of_id(self, account_id: AccountId) -> AccountPolicy:
        """The same by id. Raises NotFound."""
        return await self.of(await self._store.account(account_id))

    async def of_place(self, organization_id: OrganizationId, domain: str, department: str = "") -> AccountPolicy:
        """Return what holds for somebody who shall have a place there but has no account yet."""
        scopes = _place_scopes(organization_id, domain, department)
        return _compose(await self.ruleset(), Facts(self._clock.now(), scopes))

    async def at_large(self) -> AccountPolicy:
        """Return what holds where nobody has said yet who they are: what is set for the system."""
        rules = await self.ruleset()
        return _compose(rules, self._nobody())

    async def value(self, account: Account, knob: Knob[V]) -> V:
        """Return one knob's value for an account."""
        rules = await self.ruleset()
        return decide(rules, knob, await self._facts(rules, account)).value

    async def value_at_large(self, name: str) -> Value:
        """Return a knob's value where nobody has said yet who they are. Raises Invalid (no such knob)."""
        if name not in KNOBS:
            raise Invalid(f"there is no knob {name!r}")
        return cast("Value", decide(await self.ruleset(), KNOBS[name], self._nobody()).value)

    async def explain(self, account_id: AccountId, name: str) -> Explained:
        """Say why a knob has its value for an account. Raises NotFound, Invalid (no such knob)."""
        if name not in KNOBS:
            raise Invalid(f"there is no knob {name!r}")
        account = await self._store.account(account_id)
        rules = await self.ruleset()
        decision, about = explain(rules, KNOBS[name], await self._facts(rules, account))
        return Explained(name, decision.value, rules.epoch, decision.rule, tuple(about))

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
        large = _compose(rules, self._nobody())
        return mechanisms(
            door, wire, open_door=True, main_passwords=not large.app_password_required,
            app_passwords=large.app_passwords, tokens=large.access_tokens, certificates=large.client_certificates,
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
            self._seen = epoch
            return
        self._rules, self._seen = rules, epoch
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
        scopes = _place_scopes(account.organization_id, split_address(account.login)[1], account.department)
        scopes[Scope("account", str(account.id))] = 0
        for group in await self._store.groups_of(account.id):
            scopes[Scope("group", str(group.id))] = group.priority
        return scopes


def _place_scopes(organization_id: OrganizationId, domain: str, department: str) -> dict[Scope, int]:
    scopes = {SYSTEM: 0, Scope("organization", str(organization_id)): 0, Scope("domain", domain): 0}
    if department:
        scopes[Scope("department", f"{organization_id}:{department}")] = 0
    return scopes


def _compose(rules: Ruleset, facts: Facts) -> AccountPolicy:
    doors = frozenset(door for door, knob in DOORS.items() if decide(rules, knob, facts).value)
    values = {name: decide(rules, knob, facts).value for name, knob in _FIELDS.items()}
    return AccountPolicy(epoch=rules.epoch, open_doors=doors, **values)
