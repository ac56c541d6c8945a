"""비상 접속 (break-glass): an administrator whom access rules keep out comes in all the same, for minutes.

STRATEGIES  Two dated rules for the one account, one in each family (policy.access), that ask for a second factor everywhere
            and fall silent for any other than a passkey: then the rules that keep out speak again. They begin and end by
            the clock, with no job, and every process ends what is open when they end.
LIMITS      LEAST to MOST minutes; the pages alone (web, console and what they hold open), never a mail program or a key.
FAILURE     What cannot be recorded is not opened: the record and the rules are one commit, and the book is written before.
SECURITY    Two persons: the one outside shows the own hardware key, another administrator opens, who is independent
            (service.kernel.independence), with a proof that is minutes old and a reason, which is kept sealed. Nobody opens for the
            own account. All administrators of the
            company are told at once, and the log says it. A lock of a level above who opens still holds, and so do
            `admin.networks`. The command line holds the master key: it may open, and is told of as loudly.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from smartmail.base import log
from smartmail.domain.access import AccessRule
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, MailError, NotFound, StateMismatch
from smartmail.domain.ids import AccountId
from smartmail.domain.policy import Level, Scope
from smartmail.domain.principal import Actor
from smartmail.policy import knobs
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store_access import AccessStore
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_factors import FactorStore
from smartmail.service.identity.access.glass_book import GlassBook
from smartmail.service.identity.access.notices import AccessNotices
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import MINUTE
from smartmail.service.kernel.independence import Independence
from smartmail.service.kernel.policy import TOPIC, PolicyService


class _Store(AccessStore, AccountStore, FactorStore, Protocol): ...


Strong = Callable[[Actor], Awaitable[None]]
LEAST: Final = 5
MOST: Final = 240
REASON_LEAST: Final = 10
REASON_MOST: Final = 500
ATTEMPTS: Final = 8
NOWHERE: Final = ("ZZ",)
"""A code that ISO 3166-1 gives to nobody: outside of it is everywhere."""
CONDITION: Final[dict[str, Any]] = {
    "all": [{"fact": "proof", "in": ["password", "session"]}, {"fact": "factor", "in": ["", "passkey"]}]
}


class BreakGlass:
    """Opens and closes. `strong` raises unless who opens has proved themselves lately; `independence` where who opens has got
    hold of the account lately.
    """

    def __init__(
        self, store: _Store, book: GlassBook, authority: Authority, policy: PolicyService, notices: AccessNotices,
        clock: Clock, bus: Bus, strong: Strong, independence: Independence,
    ) -> None:  # fmt: skip
        self._store = store
        self.book = book
        self._authority = authority
        self._policy = policy
        self._notices = notices
        self._clock = clock
        self._bus = bus
        self._strong = strong
        self._independence = independence

    async def open(self, actor: Actor, account_id: AccountId, minutes: int, reason: str) -> int:
        """Let an administrator in from anywhere for so many minutes; return when that ends (milliseconds).

        Raises Forbidden (the own account, no right), NotFound, ProofNeeded, Invalid (no administrator, no hardware key).
        """
        account = await self._account(actor, account_id)
        await self._independence.require(account_id, actor.account_id)
        words = " ".join(reason.split())
        if not LEAST <= minutes <= MOST or not REASON_LEAST <= len(words) <= REASON_MOST:
            raise Invalid(
                f"{LEAST} to {MOST} minutes, and a reason of {REASON_LEAST} to {REASON_MOST} characters",
                reason="breakglass.form",
                least=LEAST,
                most=MOST,
                shortest=REASON_LEAST,
                longest=REASON_MOST,
            )
        await self._check_key(account)
        now = self._clock.now()
        until = now + minutes * MINUTE
        sealed = await self.book.seal(account, now, words)
        rules = _rules(account, await self._level(actor, account), now, until)
        await self.book.begin(actor, account, now, until, sealed)
        try:
            await self._revise(actor, rules, account, "access.break-glass.open", sealed)
        except MailError:
            await self.book.end(actor, account)
            raise
        log.event("access.break_glass", account=account.id, by=actor.named, minutes=minutes)
        await self._notices.broken_glass(account, actor, until)
        return until

    async def close(self, actor: Actor, account_id: AccountId) -> None:
        """End it before its time. Raises Forbidden, NotFound (none is open)."""
        account = await self._account(actor, account_id)
        await self._revise(actor, (), account, "access.break-glass.close", None)
        await self.book.end(actor, account)

    async def _account(self, actor: Actor, account_id: AccountId) -> Account:
        scope = Scope("account", str(int(account_id)))
        await self._authority.require(actor, "access.change", scope)
        if actor.account_id == account_id:
            raise Forbidden("nobody opens for themselves: another administrator does", reason="breakglass.self")
        await self._strong(actor)
        return await self._store.account(account_id)

    async def _check_key(self, account: Account) -> None:
        """Raise Invalid unless the account administers and holds a key of its own that policy lets it use."""
        if not await self._authority.held_by(account.id):
            raise Invalid("this is for administrators: a travel pass is for everybody else", reason="breakglass.admins")
        allowed = await self._policy.value(account, knobs.SECOND_FACTOR_KINDS)
        held = {one.kind for one in await self._store.factors(account.id)}
        if "passkey" not in held or "passkey" not in allowed:
            raise Invalid("this administrator has no hardware key (passkey) to come in with", reason="breakglass.nokey")

    async def _level(self, actor: Actor, account: Account) -> Level:
        whole = Scope("organization", str(int(account.organization_id)))
        return "organization" if await self._authority.may(actor, "access.change", whole) else "department"

    async def _revise(
        self, actor: Actor, begin: tuple[AccessRule, ...], account: Account, action: str, sealed: bytes | None
    ) -> None:
        for _ in range(ATTEMPTS):
            epoch, standing = await self._store.access_rules()
            now = self._clock.now()
            ended = [one.id for one in standing if _is_glass(one, account)]
            if not begin and not any(one.in_force(now) for one in standing if one.id in ended):
                raise NotFound("no break-glass access is open for this account")
            at = begin[0].valid_from if begin and begin[0].valid_from is not None else now
            record = AuditRecord(
                at, actor.named, action, f"account:{account.id}", actor.origin.address, sealed, actor.origin.door
            )
            try:
                made = await self._store.revise_access(epoch, list(begin), ended, record)
            except StateMismatch:
                continue
            self._bus.publish(TOPIC, str(made))
            return
        raise StateMismatch("others are changing the policy; try again", reason="policy.busy")


def _rules(account: Account, level: Level, now: int, until: int) -> tuple[AccessRule, AccessRule]:
    common: dict[str, Any] = {
        "channels": ("web", "admin", "push"), "condition": CONDITION, "private": True, "authority": level,
        "valid_from": now, "valid_until": until,
    }  # fmt: skip
    scope = Scope("account", str(int(account.id)))
    return (
        AccessRule(scope, "second_factor", "anywhere", **common),
        AccessRule(scope, "second_factor", "outside", NOWHERE, unknown="second_factor", **common),
    )


def _is_glass(rule: AccessRule, account: Account) -> bool:
    here = rule.scope == Scope("account", str(int(account.id)))
    return here and rule.dated and rule.action == "second_factor" and rule.condition == CONDITION
