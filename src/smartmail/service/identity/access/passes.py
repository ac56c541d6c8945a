"""Travel passes: leave to come in from a country for some days (KA-23).

STRATEGIES  Who travels asks, somebody who may (`pass.decide` over the account, never the asker) grants or refuses.
            Granted, a pass is a dated exception among the access rules: it begins and ends by the clock when it is asked
            for, with no job. Its authority is the organisation's where the granter rules over that, else the
            department's: then a lock of the organisation's holds against it.
LIMITS      `MAX_DAYS` days; `MAX_WAITING` passes of one person that wait, `MAX_A_DAY` asked for in a day.
SECURITY    The reason is sealed under the account's key.
"""

from dataclasses import dataclass, replace
from typing import Final, Protocol

from smartmail.domain.access import AccessRule, PassState, TravelPass
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, NotFound, RateLimited
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Level, Scope
from smartmail.domain.principal import Actor
from smartmail.formats.seal import Kind, SealError
from smartmail.policy.conditions import countries_of
from smartmail.policy.trees import ConditionError
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store_access import AccessStore
from smartmail.ports.store_accounts import AccountStore
from smartmail.service.identity.access.notices import AccessNotices
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY, HOUR
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import TOPIC


class _Store(AccessStore, AccountStore, Protocol): ...


MAX_DAYS: Final = 30
MAX_AHEAD: Final = 365 * DAY
MAX_WAITING: Final = 10
MAX_A_DAY: Final = 20
MAX_REASON: Final = 500
MAX_SHOWN: Final = 200
WARN_MS: Final = DAY
BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class ShownPass:
    """A pass with its reason in the clear, for its asker and for who decides."""

    row: TravelPass
    login: str
    reason: str


class TravelPasses:
    """Asking, deciding, ending."""

    def __init__(
        self,
        store: _Store,
        keyring: Keyring,
        authority: Authority,
        notices: AccessNotices,
        clock: Clock,
        bus: Bus,
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._authority = authority
        self._notices = notices
        self._clock = clock
        self._bus = bus

    async def ask(
        self, actor: Actor, country: str, since: int, until: int, reason: str, account_id: AccountId | None = None
    ) -> TravelPass:
        """Ask for leave to come in from a country from one time to another (milliseconds); the command line may for
        another account.

        Raises Invalid, RateLimited, Forbidden.
        """
        account = await self._asker(actor, account_id)
        now, words = self._clock.now(), " ".join(reason.split())
        _check(country, since, until, words, now)
        known = await self._store.passes_of(account.id, MAX_SHOWN)
        if sum(one.state == "asked" and one.valid_until > now for one in known) >= MAX_WAITING:
            raise RateLimited("so many passes wait already", reason="pass.waiting")
        if sum(one.asked_at > now - DAY for one in known) >= MAX_A_DAY:
            # Each tells those who decide: taking back and asking again would be a way to flood them.
            raise RateLimited("so many passes were asked for today already", reason="pass.waiting")
        sealer = await self._keyring.account(account)
        sealed = sealer.seal_text(Kind.TRAVEL_PASS, words, account.id, now)
        asked = TravelPass(0, account.id, account.organization_id, country, since, until, "asked", now, sealed)
        kept = await self._store.ask_pass(asked, self._record(actor, "pass.ask", "pass"))
        await self._notices.pass_asked(account, kept, words)
        return kept

    async def decide(self, actor: Actor, pass_id: int, *, granted: bool) -> TravelPass:
        """Grant or refuse a pass. Raises NotFound, Forbidden (one's own), Invalid (over), StateMismatch (decided)."""
        row = await self._held(actor, pass_id)
        if row.account_id == actor.account_id and actor.origin.door != "cli":
            raise Forbidden("nobody decides on the own pass", reason="pass.own")
        if granted and row.valid_until <= self._clock.now():
            raise Invalid("the days asked for are over", reason="pass.over")
        rule = await self._rule(actor, row) if granted else None
        return await self._put(actor, row, "asked", "granted" if granted else "refused", rule)

    async def withdraw(self, actor: Actor, pass_id: int) -> TravelPass:
        """Take a pass back, asked or granted: the asker, or whoever may decide. Raises NotFound, StateMismatch."""
        row = await self._store.travel_pass(pass_id)
        if row.account_id != actor.account_id or actor.by in {"app", "token", "certificate"}:
            row = await self._held(actor, pass_id)
        was: PassState = "granted" if row.state == "granted" else "asked"
        return await self._put(actor, row, was, "withdrawn", None)

    async def own(self, actor: Actor) -> list[ShownPass]:
        """Return the actor's passes, newest first."""
        account = await self._store.account(actor.account_id)
        return [await self._shown(one, account) for one in await self._store.passes_of(account.id, MAX_SHOWN)]

    async def of(self, actor: Actor, organization_id: OrganizationId) -> list[ShownPass]:
        """Return the passes of an organisation that the actor may decide on, newest first."""
        rows = await self._store.passes_in(organization_id, MAX_SHOWN)
        mine = [one for one in rows if await self._authority.may(actor, "pass.decide", _scope(one.account_id))]
        return [await self._shown(one, await self._store.account(one.account_id)) for one in mine]

    async def remind(self) -> int:
        """Tell the owners of passes that end within a day; return how many. For the jobs role."""
        now, told = self._clock.now(), 0
        for row in await self._store.passes_ending(now, now + WARN_MS, BATCH):
            if await self._store.warn_pass(row.id, now):
                await self._notices.pass_ending(await self._store.account(row.account_id), row)
                told += 1
        return told

    async def _asker(self, actor: Actor, account_id: AccountId | None) -> Account:
        if account_id is None or account_id == actor.account_id:
            if actor.by in {"app", "token", "certificate"}:
                raise Forbidden("sign in with the main password to ask for a pass", reason="pass.password")
            return await self._store.account(actor.account_id)
        if actor.origin.door != "cli":
            raise NotFound
        return await self._store.account(account_id)

    async def _held(self, actor: Actor, pass_id: int) -> TravelPass:
        row = await self._store.travel_pass(pass_id)
        await self._authority.require(actor, "pass.decide", _scope(row.account_id))
        return row

    async def _rule(self, actor: Actor, row: TravelPass) -> AccessRule:
        organization = Scope("organization", str(row.organization_id))
        level: Level = "organization" if await self._authority.may(actor, "pass.decide", organization) else "department"
        return AccessRule(
            _scope(row.account_id), "allow", "within", (row.country,), authority=level,
            valid_from=row.valid_from, valid_until=row.valid_until,
        )  # fmt: skip

    async def _put(
        self, actor: Actor, row: TravelPass, was: PassState, state: PassState, rule: AccessRule | None
    ) -> TravelPass:
        record = self._record(actor, f"pass.{state}", f"pass:{row.id} account:{row.account_id}")
        decided = await self._store.decide_pass(row.id, was, state, rule, record)
        self._bus.publish(TOPIC, "0")
        await self._notices.pass_decided(await self._store.account(row.account_id), decided)
        return decided

    async def _shown(self, row: TravelPass, account: Account) -> ShownPass:
        reason = ""
        if row.sealed_reason is not None:
            try:
                sealer = await self._keyring.account(account)
                reason = sealer.open_text(Kind.TRAVEL_PASS, row.sealed_reason, account.id, row.asked_at)
            except SealError:
                reason = ""
        return ShownPass(replace(row, sealed_reason=None), account.login, reason)

    def _record(self, actor: Actor, action: str, thing: str) -> AuditRecord:
        return AuditRecord(self._clock.now(), actor.named, action, thing, actor.origin.address, door=actor.origin.door)


def _scope(account_id: AccountId) -> Scope:
    return Scope("account", str(account_id))


def _check(country: str, since: int, until: int, reason: str, now: int) -> None:
    try:
        countries_of([country])
    except ConditionError as error:
        raise Invalid(str(error), reason="pass.form") from None
    if not since < until or until <= now or until > since + MAX_DAYS * DAY + HOUR or since > now + MAX_AHEAD:
        raise Invalid(
            f"a pass is for at most {MAX_DAYS} days, and ends in the future", reason="pass.days", most=MAX_DAYS
        )
    if not reason or len(reason) > MAX_REASON:
        raise Invalid(f"a reason has 1 to {MAX_REASON} characters", reason="why.length", most=MAX_REASON)
