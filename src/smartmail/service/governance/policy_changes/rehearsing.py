"""Rehearsal (모의 적용): what a change of policy would do before it is made, and to decisions of the past.

STRATEGIES  Only the knobs that a change touches are decided, twice, for each account: ten thousand accounts take seconds.
            Past logins and limits are judged by the rules of now and by those that would be; what differs is told.
LIMITS      A decision of the past is judged with the account's scopes of today. Logins that failed for another reason than
            a door are left out: no knob would have let them in.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from smartmail.domain.account import Account, LoginAttempt
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.policy_changes import PastDecision, Rehearsal, Replay, Shift, Unset
from smartmail.policy.deciding import Facts, Ruleset, decide
from smartmail.policy.knobs import APP_PASSWORD_REQUIRED, CLIENT_DOORS, DOORS, KNOBS, Knob
from smartmail.ports.clock import Clock
from smartmail.ports.store_directory import CredentialStore, DirectoryStore
from smartmail.ports.store_policy import PolicyStore
from smartmail.ports.store_policy_changes import PolicyChangeStore
from smartmail.service.governance.policy_changes.planning import after
from smartmail.service.kernel.policy import PolicyService


class _Store(CredentialStore, DirectoryStore, PolicyChangeStore, PolicyStore, Protocol): ...


EXAMPLES: Final = 10
REPLAYED: Final = 5_000

Scopes = Mapping[Scope, int]


@dataclass(frozen=True, slots=True)
class _Both:
    """The rules of now and those that would be, at one time."""

    old: Ruleset
    new: Ruleset
    now: int

    def values(self, knob: Knob[Any], scopes: Scopes) -> tuple[Any, Any]:
        facts = Facts(self.now, scopes)
        return decide(self.old, knob, facts).value, decide(self.new, knob, facts).value


class RehearsalService:
    """Compares rules that hold with rules that would."""

    def __init__(self, store: _Store, policy: PolicyService, clock: Clock) -> None:
        self._store = store
        self._policy = policy
        self._clock = clock

    async def rehearse(
        self,
        begin: Sequence[PolicyRule],
        unset: Sequence[Unset],
        *,
        organization_id: OrganizationId | None = None,
        at: int | None = None,
    ) -> Rehearsal:
        """Say for whom a value would change, of an organisation's accounts or of all. `at`: when it would be applied."""
        both = await self._both(begin, unset, at)
        knobs = [KNOBS[name] for name in sorted(_touched(begin, unset)) if name in KNOBS]
        accounts = await self._store.accounts(organization_id)
        scopes = await self._policy.scopes_of_all(accounts)
        by_knob: Counter[str] = Counter()
        changed = 0
        examples: list[Shift] = []
        for account in accounts:
            shifts = list(_shifts(both, knobs, account, scopes[account.id]))
            by_knob.update(shift.knob for shift in shifts)
            changed += bool(shifts)
            if len(examples) < EXAMPLES:
                examples += shifts[: EXAMPLES - len(examples)]
        return Rehearsal(len(accounts), changed, dict(by_knob), tuple(examples))

    async def replay(
        self,
        begin: Sequence[PolicyRule],
        unset: Sequence[Unset],
        *,
        organization_id: OrganizationId | None = None,
        limit: int = REPLAYED,
    ) -> Replay:
        """Say which of the newest decisions on logins and limits would come out differently."""
        both = await self._both(begin, unset, None)
        touched = _touched(begin, unset)
        accounts = {one.id: one for one in await self._store.accounts(organization_id)}
        scopes = await self._policy.scopes_of_all(list(accounts.values()))
        past = [one for one in await self._past(limit, touched) if one.account_id in accounts]
        different = [one for one in past if _differs(both, one, scopes[one.account_id])]
        by_knob = Counter(one.knob for one in different)
        return Replay(len(past), len(different), dict(by_knob), tuple(different[:EXAMPLES]))

    async def _past(self, limit: int, touched: set[str]) -> list[PastDecision]:
        found = [one for one in await self._store.decisions(limit) if one.knob in touched]
        if touched & ({knob.name for knob in DOORS.values()} | {APP_PASSWORD_REQUIRED.name}):
            mains = _Mains(self._store)
            for attempt in await self._store.recent_logins(limit):
                found += await _of_login(attempt, mains, touched)
        return sorted(found, key=lambda one: one.at, reverse=True)[:limit]

    async def _both(self, begin: Sequence[PolicyRule], unset: Sequence[Unset], at: int | None) -> _Both:
        epoch, rules = await self._store.policy_rules()
        begins = [rule.valid_from for rule in begin if rule.valid_from is not None]
        now = max(self._clock.now(), at or 0, min(begins, default=0) if len(begins) == len(begin) else 0)
        return _Both(Ruleset(epoch, rules), Ruleset(epoch + 1, after(rules, begin, unset)), now)


class _Mains:
    """Which credentials are main passwords, asked once for each account."""

    def __init__(self, store: _Store) -> None:
        self._store = store
        self._known: dict[AccountId, set[int]] = {}

    async def is_main(self, attempt: LoginAttempt) -> bool:
        if attempt.account_id is None or attempt.credential_id is None:
            return False
        if attempt.account_id not in self._known:
            rows = await self._store.credentials(attempt.account_id)
            self._known[attempt.account_id] = {row.id for row in rows if row.kind == "password"}
        return attempt.credential_id in self._known[attempt.account_id]


async def _of_login(attempt: LoginAttempt, mains: _Mains, touched: set[str]) -> list[PastDecision]:
    """Return the decisions that a login was: whether its door was open, whether a main password was enough there.

    Those on knobs that are not touched are left out.
    """
    if attempt.account_id is None:
        return []

    def one(knob: str, *, allowed: bool) -> PastDecision:
        assert attempt.account_id is not None
        return PastDecision(attempt.at, attempt.account_id, knob, allowed)

    found = []
    door = DOORS.get(attempt.door)
    if door is not None and door.name in touched and attempt.result in {"ok", "door_closed"}:
        found.append(one(door.name, allowed=attempt.result == "ok"))
    if APP_PASSWORD_REQUIRED.name not in touched:
        return found
    main = attempt.result == "app_password_needed" or (attempt.result == "ok" and await mains.is_main(attempt))
    if attempt.door in CLIENT_DOORS and main:
        found.append(one(APP_PASSWORD_REQUIRED.name, allowed=attempt.result == "ok"))
    return found


def _touched(begin: Iterable[PolicyRule], unset: Iterable[Unset]) -> set[str]:
    return {rule.knob for rule in begin} | {one.knob for one in unset}


def _shifts(both: _Both, knobs: Sequence[Knob[Any]], account: Account, scopes: Scopes) -> Iterable[Shift]:
    for knob in knobs:
        before, then = both.values(knob, scopes)
        if before != then:
            yield Shift(account.id, account.login, knob.name, before, then)


def _differs(both: _Both, past: PastDecision, scopes: Scopes) -> bool:
    """Say whether the rules that would be decide otherwise than was decided, and than those of now do."""
    knob = KNOBS.get(past.knob)
    if knob is None:
        return False
    before, then = both.values(knob, scopes)
    return before != then and _JUDGES.get(past.knob, _within)(then, past) != past.allowed


def _within(limit: Any, past: PastDecision) -> bool:
    return not limit or past.number <= limit


def _open(value: Any, _past: PastDecision) -> bool:
    return bool(value)


def _not_demanded(value: Any, _past: PastDecision) -> bool:
    return not value


_JUDGES: Final[Mapping[str, Callable[[Any, PastDecision], bool]]] = {
    **{knob.name: _open for knob in DOORS.values()},
    APP_PASSWORD_REQUIRED.name: _not_demanded,
}
