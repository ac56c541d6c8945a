"""Changing the state of an account by hand: 대기, 정상, 일시정지, 휴면. Leavers are leaving.py's.

STRATEGIES  What a state means is one table (domain.account.STATES); this only moves an account from one row to another.
            Logins end with the commit, planned mail waits with it and goes on with the way back.
SECURITY    Permission account.change; the last administrator stays. The reason is sealed in the audit record.
"""

from typing import Final

from smartmail.domain.account import Account, AccountState
from smartmail.domain.errors import Invalid
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.service.people.account_life.ground import LifeGround, house, typed
from smartmail.service.people.account_life.store import Store

MOVES: Final[dict[AccountState, frozenset[AccountState]]] = {
    "pending": frozenset({"active", "suspended"}),
    "active": frozenset({"pending", "suspended", "dormant"}),
    "suspended": frozenset({"active", "pending"}),
    "dormant": frozenset({"active", "suspended"}),
    "leaving": frozenset(),
    "closed": frozenset(),
}


class StateChanges:
    """Moves accounts from state to state."""

    def __init__(self, ground: LifeGround[Store]) -> None:
        self._ground = ground

    async def set(self, actor: Actor, account_id: AccountId, state: AccountState, reason: str = "") -> Account:
        """Let an account be in another state. Raises Invalid (no way from here to there), Forbidden, NotFound."""
        account = await self._ground.may_change(actor, account_id)
        if state == account.state:
            return account
        if state not in MOVES[account.state]:
            ways = ", ".join(sorted(MOVES[account.state])) or "nowhere by hand: use the commands for leavers"
            raise Invalid(f"an account that is {account.state} can become {ways}", reason="account.state")
        record = await self._ground.why(actor, f"account.{state}", account, typed(reason))
        changed = await self._ground.store.set_account_state(account_id, state, record)
        self._ground.changed(changed)
        return changed

    async def wake(self, account: Account) -> Account:
        """Let a dormant account be active again: its person has just proved who they are."""
        if account.state != "dormant":
            return account
        record = self._ground.record(house(account.organization_id), "account.wake", f"account:{account.id}")
        woken = await self._ground.store.set_account_state(account.id, "active", record)
        self._ground.changed(woken)
        return woken
