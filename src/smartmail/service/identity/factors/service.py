"""Signing in at a page: the password, then a second factor where one is asked for; proving oneself again.

STRATEGIES  A right password alone opens a challenge, never a session. What else is owed (an enrolment whose days of grace
            are over, a new password, a consent) does not keep the session from opening: it opens, and serves nothing but
            the page that pays it (`Sessions.session`).
            A passkey is a whole login: it is something that one has, and the device asks for a finger or a PIN.
SECURITY    A session is made by a whole proof, never before one (no fixation). The owner is told of a new device, a used recovery code, and
            wrong second factors after a right password.
Must not know HTTP.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, runtime_checkable

from smartmail.domain.account import Account
from smartmail.domain.errors import AuthFailed, Forbidden, PolicyRejected, RateLimited
from smartmail.domain.factors import Challenge, Demand, FactorKind
from smartmail.domain.ids import ModSeq, OrganizationId
from smartmail.domain.principal import Actor
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.service.identity.auth import AuthService
from smartmail.service.identity.auth.base import token_hash
from smartmail.service.identity.factors.challenges import NOBODY, Challenges, Page
from smartmail.service.identity.factors.devices import Devices
from smartmail.service.identity.factors.methods import Asked
from smartmail.service.identity.factors.notices import FactorNotices
from smartmail.service.identity.factors.store import Store
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.protection.defence.budgets import Buckets, Budget
from smartmail.service.protection.defence.places import place_of

SUSPICIOUS: Final = 3
"""Wrong second factors after a right password, from which on the owner is told."""
STRANGERS: Final = Budget(burst=60, every_s=1)
"""Questions to whoever has a passkey, of one network: each is a row, and nobody has proved anything before it."""


@runtime_checkable
class WholeLogin(Protocol):
    """A method whose answer says by itself whose it is."""

    def whose(self, response: Mapping[str, object]) -> bytes | None:
        """Return the lookup of the factor that an answer names."""
        ...

    async def ask_anybody(self, asked: Asked) -> Mapping[str, object]:
        """Ask without knowing whom."""
        ...


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session has begun. `device`: the cookie by which this browser is known from now on; `owes`: what the session owes
    before anything else is served.
    """

    actor: Actor
    token: str = field(repr=False)
    device: str = field(repr=False)
    owes: tuple[Demand, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """The password was right; one of these second factors is asked for until then (milliseconds)."""

    token: str = field(repr=False)
    kinds: tuple[FactorKind, ...]
    expires_at: int


class FactorService:
    """Sign-in of pages and step-up of sessions."""

    def __init__(
        self, store: Store, clock: Clock, policy: PolicyService, auth: AuthService, challenges: Challenges, devices: Devices,
        notices: FactorNotices, wake: Callable[[Account], Awaitable[Account]],
    ) -> None:  # fmt: skip
        """`wake`: a dormant account whose person has proved themselves is active again."""
        self._store = store
        self._clock = clock
        self._policy = policy
        self._auth = auth
        self._challenges = challenges
        self._devices = devices
        self._notices = notices
        self._strangers: Buckets[str] = Buckets(STRANGERS)
        self._wake = wake

    async def sign_in(self, address: str, secret: str, page: Page) -> SignedIn | Waiting:
        """Begin with a name and the main password. Raises AuthFailed, RateLimited."""
        device = token_hash(page.device) if page.device else None
        actor = await self._auth.login(address, secret, page.origin, device=device)
        if actor.by != "password":
            # A page is for people: what was made for a program opens none.
            raise AuthFailed
        account = await self._store.account(actor.account_id)
        asks = await self._auth.waits_for_factor(account, page.origin)
        if not asks and not (account.state == "dormant" and await self.kinds(account)):
            return await self._enter(actor, account, page)
        token, row = await self._challenges.open(account, "login")
        return Waiting(token, await self.kinds(account), row.expires_at)

    async def kinds(self, account: Account) -> tuple[FactorKind, ...]:
        """Return the kinds of second factor with which an account can answer, as policy allows them."""
        allowed = await self._policy.value(account, knobs.SECOND_FACTOR_KINDS)
        enrolled = {row.kind for row in await self._store.factors(account.id)}
        found: list[FactorKind] = [kind for kind in ("passkey", "totp", "certificate") if kind in enrolled & {*allowed}]
        if enrolled and await self._store.recovery_codes(account.id):
            found.append("recovery")
        return tuple(found)

    async def ask(self, token: str, kind: str, page: Page) -> Mapping[str, object]:
        """Return what the page needs for an answer; without a token, for a whole login: then `challenge` is among it.

        Raises AuthFailed, Forbidden, RateLimited.
        """
        if not token:
            return await self._ask_anybody(kind, page)
        row = await self._challenges.find(token, "login")
        account = await self._account(row)
        await self._check_kind(account, kind)
        return await self._challenges.ask(row, account, kind, page)

    async def answer(self, token: str, kind: str, response: Mapping[str, object], page: Page) -> SignedIn:
        """Finish a login. Raises AuthFailed (`reason` says why), RateLimited."""
        row = await self._challenges.attempt(token, "login")
        account = await self._whose(row, kind, response) if row.account_id == NOBODY else await self._account(row)
        await self._check_kind(account, kind)
        shown = await self._prove(row, account, kind, response, page)
        actor = await self._auth.admit_proved(account, page.origin)
        if shown == "recovery":
            await self._notices.recovery_used(account, page, await self._store.recovery_codes(account.id))
        return await self._enter(actor, account, page, factor=shown)

    async def shown(self, actor: Actor) -> str:
        """Return the kind of second factor that the actor's session has shown, "" for none."""
        row = await self._store.session(bytes.fromhex(actor.session_id)) if actor.session_id else None
        return "" if row is None else row.factor

    async def owes(self, actor: Actor) -> tuple[Demand, ...]:
        """Return what the actor's session owes before anything else is served to it."""
        account = await self._store.account(actor.account_id)
        policy = await self._policy.of(account)
        return await self._auth.standings.demands(account, policy, actor.origin, await self.shown(actor))

    async def resume(self, actor: Actor, page: Page, factor: str) -> SignedIn:
        """Begin a session in place of one that has just ended by its own act (a new password)."""
        return await self._enter(actor, await self._store.account(actor.account_id), page, factor)

    async def begin_step_up(self, actor: Actor) -> Waiting:
        """Let a session prove itself anew: by a second factor where there is one, else by the password ("")."""
        account = await self._store.account(actor.account_id)
        token, row = await self._challenges.open(account, "step-up", actor.session_id)
        return Waiting(token, await self.kinds(account), row.expires_at)

    async def ask_step_up(self, actor: Actor, token: str, kind: str, page: Page) -> Mapping[str, object]:
        """Return what the page needs for an answer."""
        row = await self._challenges.find(token, "step-up")
        self._check_session(row, actor)
        return await self._challenges.ask(row, await self._account(row), kind, page)

    async def step_up(self, actor: Actor, token: str, kind: str, response: Mapping[str, object], page: Page) -> None:
        """Note that a session has proved itself.

        `kind` "password" ({password}) counts where no second factor is enrolled. Raises AuthFailed, RateLimited.
        """
        row = await self._challenges.attempt(token, "step-up")
        self._check_session(row, actor)
        account = await self._account(row)
        factor = ""
        if kind == "password":
            if await self.kinds(account):
                raise Forbidden("prove yourself by a second factor", reason="factor.prove")
            await self._auth.login(account.login, str(response.get("password", "")), page.origin)
            await self._store.end_challenge(row.token_hash)
        else:
            await self._check_kind(account, kind)
            factor = await self._prove(row, account, kind, response, page)
        await self._auth.prove_session(actor, factor)

    async def _ask_anybody(self, kind: str, page: Page) -> Mapping[str, object]:
        method = self._challenges.method(kind)
        if not isinstance(method, WholeLogin):
            raise AuthFailed(reason="ended")
        place, now = place_of(page.origin.address), self._clock.now()
        if place is not None and not self._strangers.take(place.network, now):
            raise RateLimited("too many questions from this network; wait a minute", reason="calls.many")
        token, row = await self._challenges.open(None, "login")
        nonce = self._clock.random(32)
        await self._store.ask_challenge(row.token_hash, nonce, now)
        asked = Asked(_STRANGER, page.origin, page.base, now, nonce, now)
        return {**await method.ask_anybody(asked), "challenge": token}

    async def _whose(self, row: Challenge, kind: str, response: Mapping[str, object]) -> Account:
        method = self._challenges.method(kind)
        lookup = method.whose(response) if isinstance(method, WholeLogin) else None
        found = [] if lookup is None else await self._store.factors_by(method.kind, lookup)
        if len(found) != 1:
            await self._store.end_challenge(row.token_hash)
            raise AuthFailed(reason="unknown")
        return await self._store.account(found[0].account_id)

    async def _prove(
        self, row: Challenge, account: Account, kind: str, response: Mapping[str, object], page: Page
    ) -> FactorKind:
        known = await self._devices.knows(account, page.device)
        try:
            return await self._challenges.prove(row, account, kind, response, page, known=known)
        except AuthFailed:
            self._auth.note_wrong_factor(account, page.origin)
            if row.account_id and row.tries + 1 == SUSPICIOUS:
                await self._notices.wrong_factors(account, page)
            raise

    async def _enter(self, actor: Actor, account: Account, page: Page, factor: str = "") -> SignedIn:
        if account.state == "dormant":
            account = await self._wake(account)
        try:
            token = await self._auth.open_session(actor, page.agent, factor=factor)
        except PolicyRejected:
            await self._notices.elsewhere(account, page)
            raise
        device, new = await self._devices.seen(account, page)
        policy = await self._policy.of(account)
        if new and policy[knobs.KNOWN_DEVICE_NOTICE]:
            await self._notices.new_device(account, page)
        owes = await self._auth.standings.demands(account, policy, page.origin, factor)
        return SignedIn(actor, token, device, owes)

    async def _account(self, row: Challenge) -> Account:
        account = await self._store.account(row.account_id)
        is_in = account.may("login", self._clock.now()) or (account.state == "dormant" and row.purpose == "login")
        if not is_in or account.auth_epoch != row.auth_epoch:
            raise AuthFailed(reason="ended")
        return account

    async def _check_kind(self, account: Account, kind: str) -> None:
        if kind not in await self.kinds(account):
            raise AuthFailed(reason="kind")

    @staticmethod
    def _check_session(row: Challenge, actor: Actor) -> None:
        if row.session_hash is None or row.session_hash.hex() != actor.session_id or row.account_id != actor.account_id:
            raise AuthFailed(reason="ended")


_STRANGER: Final = Account(
    NOBODY, OrganizationId(0), "person", "closed", "", "", "", is_admin=False, wrapped_key=b"", modseq=ModSeq(0),
    horizon=ModSeq(0), quota=None, used=0, messages=0, auth_epoch=0,
)  # fmt: skip
