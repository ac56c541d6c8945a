"""Dormancy (휴면): who has not been there for `dormant.days` is told twice, then nobody gets in until they prove themselves.

STRATEGIES  A leased job looks at active people a page at a time. Being there is a login that was let in or a session in
            use; who was never there counts from when the account became active.
SECURITY    Nobody becomes dormant unnoticed: the last notice is at least a week old. Administrators become dormant too,
            but for the last one.
FAILURE     A run that is killed is done again: notices are noted before they are sent, so at most one is lost.
"""

from dataclasses import replace
from typing import Final

from smartmail.domain.account import Account
from smartmail.domain.account_life import Idle
from smartmail.domain.errors import Forbidden
from smartmail.domain.ids import AccountId
from smartmail.policy import knobs
from smartmail.service.kernel.clock import DAY
from smartmail.service.people.account_life.ground import LifeGround, day_of, house
from smartmail.service.people.account_life.store import Store

PAGE: Final = 500
FIRST_DAYS: Final = 30
LAST_DAYS: Final = 7


class DormancyService:
    """The job."""

    def __init__(self, ground: LifeGround[Store]) -> None:
        self._ground = ground
        self._store = ground.store

    async def turn(self) -> int:
        """Tell who will be dormant, and make dormant who was told; return how many were told or made so."""
        done, after = 0, AccountId(0)
        large = await self._ground.policy.at_large()
        rules = (await self._store.policy_rules())[1]
        if not large[knobs.DORMANT_DAYS] and not any(rule.knob == "dormant.days" for rule in rules):
            return 0
        # Nobody with a use younger than this is looked at more closely: the knob has at least thirty days.
        before = self._ground.clock.now() - DAY
        while page := await self._store.idle_accounts(before, after, PAGE):
            for one in page:
                done += await self._look(one, before)
            after = page[-1].account_id
        return done

    async def _look(self, one: Idle, before: int) -> int:
        if one.used_at >= before:
            return 0
        account = await self._store.account(one.account_id)
        days = await self._ground.policy.value(account, knobs.DORMANT_DAYS)
        if not days:
            return 0
        now = self._ground.clock.now()
        one = _since(one)
        due = one.used_at + days * DAY
        if now >= due - LAST_DAYS * DAY:
            return await self._last(account, one, due, now)
        if now >= due - FIRST_DAYS * DAY and one.told_first is None:
            return await self._tell(account, replace(one, told_first=now), due)
        return 0

    async def _last(self, account: Account, one: Idle, due: int, now: int) -> int:
        if one.told_last is None:
            due = max(due, now + LAST_DAYS * DAY)
            return await self._tell(account, replace(one, told_first=one.told_first or now, told_last=now), due)
        if now < due or now < one.told_last + LAST_DAYS * DAY:
            return 0
        record = self._ground.record(house(account.organization_id), "account.dormant", f"account:{account.id}")
        try:
            self._ground.changed(await self._store.set_account_state(account.id, "dormant", record))
        except Forbidden:
            return 0  # the last administrator
        return 1

    async def _tell(self, account: Account, one: Idle, due: int) -> int:
        await self._store.note_idle(one)
        await self._ground.inform(account.id, "dormant-soon", address=account.login, day=day_of(due))
        self._ground.hints.queue_changed()
        return 1


def _since(one: Idle) -> Idle:
    """Return it without notices that are older than the last use: they were about another absence."""
    told = [at if at is not None and at > one.used_at else None for at in (one.told_first, one.told_last)]
    return replace(one, told_first=told[0], told_last=told[1])
