"""Quotas by policy: what policy allows is written into the accounts, because the transaction that stores a message asks them.

STRATEGIES  A look each second costs one read of the epoch; accounts are gone through only when the epoch has changed or an
            exception has begun or ended, and only those that differ are written. Any process may do it, twice does no harm.
            What depends on how full an account is (notices, days of grace) is looked at each minute, by one process.
STATES      under its limit → over it since a time → under it again. Where policy gives days of grace, or refuses only what
            is sent (BR-18), the account is lenient: it takes mail over its limit, until its days are over.
LIMITS      A grace ends up to a minute late.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.errors import MailError, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.quota import QuotaStanding
from smartmail.policy import knobs
from smartmail.policy.deciding import PolicyView, Ruleset
from smartmail.policy.knobs import QUOTA_OCTETS, QUOTA_OVER
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_policy import PolicyStore
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.notifications import Notices
from smartmail.service.kernel.policy import PolicyService


class _Store(AccountStore, DirectoryStore, PolicyStore, Protocol): ...


BLOCK: Final = 500
NEAR_PERCENT: Final = 50
"""Below it nothing is ever told: no knob goes lower."""
LENIENT: Final = frozenset({"grace", "receive"})


@dataclass(frozen=True, slots=True)
class Fullness:
    """How full an account is. Octets; `over_since` in milliseconds."""

    account: Account
    percent: int
    over_since: int | None


class QuotaService:
    """Keeps the limits of accounts as policy wants them, and tells people that they come near."""

    def __init__(self, store: _Store, policy: PolicyService, clock: Clock, notices: Notices) -> None:
        self._store = store
        self._policy = policy
        self._clock = clock
        self._notices = notices
        self._done: Ruleset | None = None
        self._boundary: int | None = None

    async def apply(self) -> int:
        """Write what has changed; return how many accounts that were. A job's work."""
        rules, now = await self._policy.ruleset(), self._clock.now()
        if rules is self._done and (self._boundary is None or now < self._boundary):
            return 0
        known = await self._store.policy_quotas()
        wrong = {}
        for account in await self._store.accounts():
            wanted = await self._wanted(account)
            if known.get(account.id) != wanted:
                wrong[account.id] = wanted
        for start in range(0, len(wrong), BLOCK):
            await self._store.set_policy_quotas(dict(list(wrong.items())[start : start + BLOCK]))
        await self._settle(everyone=True)
        self._done, self._boundary = rules, rules.next_boundary(now)
        return len(wrong)

    async def begin(self, account_id: AccountId) -> None:
        """Give a new account its limit."""
        account = await self._store.account(account_id)
        wanted = await self._wanted(account)
        if wanted is not None:
            await self._store.set_policy_quotas({account_id: wanted})
        if await self._policy.value(account, QUOTA_OVER) in LENIENT:
            await self._store.set_quota_standings([QuotaStanding(account_id, None, 0, None, 0, lenient=True)])

    async def watch(self) -> int:
        """Look who is over, near or under again; tell people; end graces. Return how many rows changed. A job's work."""
        return await self._settle(everyone=False)

    async def near(self, percent: int, organization_id: OrganizationId | None = None) -> list[Fullness]:
        """Return the accounts that are that full, the fullest first."""
        rows = {row.account_id: row for row in await self._store.quota_standings(percent)}
        found = [
            Fullness(account, rows[account.id].percent, rows[account.id].over_since)
            for account in await self._store.accounts(organization_id)
            if account.id in rows and rows[account.id].quota
        ]
        return sorted(found, key=lambda one: one.percent, reverse=True)

    async def _settle(self, *, everyone: bool) -> int:
        changed = []
        for number, row in enumerate(await self._store.quota_standings(0 if everyone else NEAR_PERCENT)):
            try:
                made = await self._judged(row)
            except NotFound:
                continue
            if made != row:
                changed.append(made)
            if number % BLOCK == BLOCK - 1:
                await asyncio.sleep(0)
        for start in range(0, len(changed), BLOCK):
            await self._store.set_quota_standings(changed[start : start + BLOCK])
        return len(changed)

    async def _judged(self, row: QuotaStanding) -> QuotaStanding:
        account = await self._store.account(row.account_id)
        policy, now = await self._policy.of(account), self._clock.now()
        over_since = (row.over_since or now) if row.quota and row.used >= row.quota else None
        told = _step(policy, row.percent)
        if told > row.told:
            await self._tell(account, row, policy)
        return replace(row, over_since=over_since, told=told, lenient=_is_lenient(policy, over_since, now))

    async def _tell(self, account: Account, row: QuotaStanding, policy: PolicyView) -> None:
        if not account.may("login"):
            return
        language = account.language or "ko"
        facts: Mapping[str, str] = {"percent": str(row.percent), "address": account.login}
        kind = "over" if row.percent >= 100 else "near"
        text = translate(language, f"quota.notice.{kind}", **facts)
        if kind == "over":
            days = str(policy[knobs.QUOTA_GRACE_DAYS])
            text += "\n\n" + translate(language, f"quota.notice.then.{policy[knobs.QUOTA_OVER]}", days=days)
        try:
            await self._notices.send(account, translate(language, "quota.notice.subject", **facts), text)
        except MailError as error:
            log.event("quota.notify_failed", account=account.id, error=type(error).__name__)

    async def _wanted(self, account: Account) -> int | None:
        return await self._policy.value(account, QUOTA_OCTETS) or None


def _is_lenient(policy: PolicyView, over_since: int | None, now: int) -> bool:
    if policy[knobs.QUOTA_OVER] == "grace":
        return over_since is None or now - over_since < policy[knobs.QUOTA_GRACE_DAYS] * DAY
    return policy[knobs.QUOTA_OVER] == "receive"


def _step(policy: PolicyView, percent: int) -> int:
    """Return the highest percentage reached at which somebody is told, 0 for none."""
    steps = [policy[knobs.QUOTA_WARN_PERCENT], policy[knobs.QUOTA_ALARM_PERCENT], 100]
    return max((step for step in steps if step and percent >= step), default=0)
