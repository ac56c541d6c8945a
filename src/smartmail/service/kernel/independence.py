"""Independence: whether one administrator is a second person beside another, and who witnesses where there is none.

NAME        independence
PURPOSE     An act that needs two persons needs two people, not two accounts. Read from the audit and from appointments of
            the last `admin.independence-days` (0: nobody asks).
STRATEGIES  Whoever made an account, set its password, reset its factors, let it in again or gave it a role has had a hand on
            it, and with it on what that account has a hand on. Two accounts are tied where one hand reaches both: the
            author's own on the decider, the decider's on the author, or a third one's on both. What the command line did
            ties nobody: it has the master key anyway.
            Whoever administers, or ceased to within that time, witnesses an act that nobody else could consent to.
LIMITS      MOST accounts are looked at behind one; beyond that an account counts as tied.
Must not know what the act is, nor how witnesses are told.
"""

from collections.abc import Iterable
from typing import Final, Protocol

from smartmail.domain.account import Account
from smartmail.domain.errors import Forbidden, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.independence import HANDS, Deed, Tie, TieKind, Witness
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_independence import IndependenceStore
from smartmail.ports.store_roles import RoleStore
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.policy import PolicyService


class _Store(AccountStore, DirectoryStore, IndependenceStore, RoleStore, Protocol): ...


MOST: Final = 200
WORDS: Final[dict[TieKind, str]] = {
    "made": "made", "secrets": "set the password or reset the factors of", "opened": "let in again",
    "role": "gave a role to",
}  # fmt: skip


class Independence:
    """Answers for all acts that two persons decide."""

    def __init__(self, store: _Store, policy: PolicyService, clock: Clock) -> None:
        self._store = store
        self._policy = policy
        self._clock = clock

    async def require(self, author: AccountId, decider: AccountId) -> None:
        """Raise Forbidden, with the reason, where a decider is no second person beside an author."""
        tie = await self.tie(author, decider)
        if tie is not None:
            raise Forbidden(await self._told(tie), reason="consent.tied")

    async def tie(self, author: AccountId, decider: AccountId) -> Tie | None:
        """Return what ties two accounts; None: they are two persons. The command line (0) is tied to nobody."""
        if not author or not decider or author == decider:
            return None
        since = await self._since(await self._organization(author))
        if since is None:
            return None
        return _common(await self._behind(author, since), await self._behind(decider, since))

    async def independent(self, author: AccountId, others: Iterable[Account]) -> list[Account]:
        """Return those who are a second person beside an author."""
        asked = [one for one in others if one.id != author]
        since = await self._since(await self._organization(author)) if author and asked else None
        if since is None:
            return asked
        mine = await self._behind(author, since)
        return [one for one in asked if _common(mine, await self._behind(one.id, since)) is None]

    async def witnesses(self, organization_id: OrganizationId, author: AccountId) -> list[tuple[Account, Witness]]:
        """Return all but the author who administer an organisation, or did within the time that policy says."""
        since = await self._since(organization_id)
        now = self._clock.now()
        from_ = now if since is None else since
        lost = {_account_of(one.thing): one for one in reversed(await self._store.losses(from_))}
        held = {
            one.account_id for one in await self._store.appointments(organization_id)
            if one.expires_at is None or one.expires_at > from_
        }  # fmt: skip
        found = []
        for account in await self._store.accounts(organization_id):
            if account.id == author or not (account.is_admin or account.id in held or account.id in lost):
                continue
            loss = lost.get(account.id)
            if loss is None and not account.may("login", now):
                continue  # closed before that time
            if loss is not None and not await self._administered(account, held, loss):
                continue
            found.append((account, Witness(account.id, None if loss is None else loss.actor or None)))
        return found

    async def _administered(self, account: Account, held: set[AccountId], loss: Deed) -> bool:
        """Say whether an account that lost something administered: people without a role are closed every day."""
        return account.is_admin or account.id in held or loss.action.startswith("role.")

    async def behind(self, author: AccountId) -> frozenset[AccountId]:
        """Return the accounts that have had a hand on an account, itself among them."""
        since = await self._since(await self._organization(author)) if author else None
        return frozenset({author}) if since is None else frozenset(await self._behind(author, since))

    async def _behind(self, account_id: AccountId, since: int) -> dict[AccountId, Tie | None]:
        """Return who has had a hand on an account, by whichever way, with the first step of each."""
        found: dict[AccountId, Tie | None] = {account_id: None}
        waiting = [account_id]
        while waiting and len(found) <= MOST:
            here = waiting.pop(0)
            for tie in await self._hands(here, since):
                if tie.by not in found:
                    found[tie.by] = tie
                    waiting.append(tie.by)
        return found

    async def _hands(self, account_id: AccountId, since: int) -> list[Tie]:
        deeds = [(account_id, one) for one in await self._store.deeds_on(f"account:{account_id}", since)]
        ties = []
        try:
            account = await self._store.account(account_id)
        except NotFound:
            account = None
        for held in await self._store.appointments(account.organization_id, account_id) if account else ():
            if held.begun_at >= since and held.author.startswith("account:"):
                ties.append(Tie("role", _account_of(held.author), account_id, held.begun_at))
            if held.role.isdecimal():
                deeds += [(account_id, one) for one in await self._store.deeds_on(f"role:{held.role}", since)]
        ties += [Tie(HANDS[one.action], one.actor, to, one.at) for to, one in deeds if one.action in HANDS]
        return [one for one in ties if one.by and one.by != account_id]

    async def _organization(self, account_id: AccountId) -> OrganizationId | None:
        try:
            return (await self._store.account(account_id)).organization_id
        except NotFound:
            return None

    async def _since(self, organization_id: OrganizationId | None) -> int | None:
        if organization_id is None:
            return None
        days = await self._policy.value_of_place(organization_id, knobs.ADMIN_INDEPENDENCE_DAYS)
        return self._clock.now() - days * DAY if days else None

    async def _told(self, tie: Tie) -> str:
        names = []
        for one in (tie.by, tie.to):
            try:
                names.append((await self._store.account(one)).login)
            except NotFound:
                names.append(f"account:{one}")
        return (
            f"a second person has to consent who is independent of the author: {names[0]} {WORDS[tie.kind]} {names[1]}"
            " within the time that admin.independence-days says"
        )


def _common(one: dict[AccountId, Tie | None], other: dict[AccountId, Tie | None]) -> Tie | None:
    """Return the step by which one hand reaches both."""
    for account_id, tie in other.items():
        if account_id in one:
            found = tie or one[account_id]
            assert found is not None  # two different accounts: at least one of them was reached by a step
            return found
    return None


def _account_of(thing: str) -> AccountId:
    number = thing.partition(" ")[0].removeprefix("account:")
    return AccountId(int(number) if number.isdecimal() else 0)
