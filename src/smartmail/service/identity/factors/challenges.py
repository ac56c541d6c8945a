"""Logins, enrolments and step-ups on their way: opened after a password, answered at most five times, used up once.

SECURITY    The page holds a random token, we its hash: nobody can plant one, and one of another account or session does
            not fit. Wrong answers are counted by the challenge and by the account: from places that the account does not
            know all together, so that a thousand addresses have no more tries than one; a known place has its own count.
            After FREE failures each one doubles the wait, to an hour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.errors import AuthFailed, Forbidden, RateLimited
from smartmail.domain.factors import Challenge, ChallengePurpose, FactorKind, FactorRow
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Origin
from smartmail.formats.seal import Kind, SealError
from smartmail.ports.clock import Clock
from smartmail.service.identity.auth.base import token_hash
from smartmail.service.identity.factors.methods import Asked, FactorMethod, Held, Proved, Refused
from smartmail.service.identity.factors.store import Store
from smartmail.service.kernel.clock import DAY, MINUTE
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.protection.defence.places import place_of

LIFETIME_MS: Final = 10 * MINUTE
TRIES: Final = 5
SWEEP: Final = 10
FREE: Final = 5
WAIT_MOST_MS: Final = 60 * MINUTE
NONCE_OCTETS: Final = 32
ID_OCTETS: Final = 16
KNOWN_MS: Final = 30 * DAY
NOBODY: Final = AccountId(0)


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page of ours asks from: its connection, its own origin (`https://mail.example`), what the browser calls
    itself, the cookie of the device.
    """

    origin: Origin
    base: str
    agent: str = ""
    device: str = field(default="", repr=False)


def slot(kind: str, created_at: int) -> tuple[bytes, int]:
    """Return what the sealed data of a factor is bound to, beside its account."""
    return kind.encode().ljust(ID_OCTETS, b"\0"), created_at


class Challenges:
    """Keeps them, and asks the methods."""

    def __init__(self, store: Store, keyring: Keyring, clock: Clock, methods: Sequence[FactorMethod]) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._methods = {method.kind: method for method in methods}

    def method(self, kind: str) -> FactorMethod:
        """Return a kind. Raises Forbidden (there is none)."""
        for name, method in self._methods.items():
            if name == kind:
                return method
        raise Forbidden("there is no such second factor here", reason="factor.none")

    async def open(
        self, account: Account | None, purpose: ChallengePurpose, session_id: str = ""
    ) -> tuple[str, Challenge]:
        """Open one; return the token for the page."""
        token, now = self._clock.random(32).hex(), self._clock.now()
        row = Challenge(
            token_hash(token), NOBODY if account is None else account.id, purpose,
            0 if account is None else account.auth_epoch, now, now + LIFETIME_MS,
            bytes.fromhex(session_id) if session_id else None,
        )  # fmt: skip
        await self._store.put_challenge(row)
        # Each new one sweeps a few that have ended: no job is needed for so little.
        await self._store.forget_challenges(now, SWEEP)
        return token, row

    async def find(self, token: str, purpose: ChallengePurpose) -> Challenge:
        """Return one. Raises AuthFailed."""
        row = await self._store.challenge(token_hash(token), self._clock.now())
        if row is None or row.purpose != purpose:
            raise AuthFailed(reason="ended")
        return row

    async def ask(self, row: Challenge, account: Account, kind: str, page: Page) -> Mapping[str, object]:
        """Return what the page needs for an answer. Raises AuthFailed, Forbidden, RateLimited."""
        method = self.method(kind)
        nonce, now = self._clock.random(NONCE_OCTETS), self._clock.now()
        if row.tries >= TRIES or not await self._store.ask_challenge(row.token_hash, nonce, now):
            raise AuthFailed(reason="ended")
        return await method.ask(await self._asked(account, method.kind, page, nonce, now))

    async def begin(self, row: Challenge, account: Account, kind: str, page: Page) -> Mapping[str, object]:
        """Begin an enrolment. Raises Forbidden, Invalid."""
        method = self.method(kind)
        nonce, now = self._clock.random(NONCE_OCTETS), self._clock.now()
        shown, begun = await method.begin(await self._asked(account, method.kind, page, nonce, now))
        sealer = await self._keyring.account(account)
        sealed = sealer.seal(Kind.FACTOR_BEGUN, begun, row.token_hash[:ID_OCTETS])
        await self._store.ask_challenge(row.token_hash, nonce, now, sealed)
        return shown

    async def attempt(self, token: str, purpose: ChallengePurpose) -> Challenge:
        """Count a try and return the challenge as it was before it. Raises AuthFailed."""
        row = await self._store.try_challenge(token_hash(token), self._clock.now(), TRIES)
        if row is None or row.purpose != purpose:
            raise AuthFailed(reason="ended")
        return row

    async def finished(self, row: Challenge, account: Account, kind: str, page: Page) -> Asked:
        """Return what `FactorMethod.finish` is asked with."""
        asked = await self._asked(account, self.method(kind).kind, page, row.nonce or b"", row.asked_at)
        if row.sealed is None:
            return asked
        sealer = await self._keyring.account(account)
        begun = sealer.open(Kind.FACTOR_BEGUN, row.sealed, row.token_hash[:ID_OCTETS])
        return replace(asked, begun=begun)

    async def prove(
        self, row: Challenge, account: Account, kind: str, response: Mapping[str, object], page: Page, *, known: bool
    ) -> FactorKind:
        """Judge an answer and use it up, once. `known`: it comes from a device or network that the account knows.

        Raises AuthFailed (with a reason), RateLimited (nothing was judged).
        """
        place = await self._place(account, page.origin, known=known)
        await self._check_wait(account, place)
        method = self.method(kind)
        if row.account_id not in {account.id, NOBODY} or (row.account_id and row.auth_epoch != account.auth_epoch):
            raise AuthFailed(reason="ended")
        try:
            asked = await self._asked(account, method.kind, page, row.nonce or b"", row.asked_at)
            asked = replace(asked, whole=row.account_id == NOBODY)
            await self._use(account, asked, await method.check(asked, response))
        except Refused as refused:
            await self._failed(account, place, page.origin, kind, refused)
            raise AuthFailed(refused.public, reason=refused.reason.partition(".")[2] or refused.reason) from None
        if not await self._store.end_challenge(row.token_hash):
            raise AuthFailed(reason="ended")
        await self._store.clear_strikes(account.id, place)
        return method.kind

    async def held(self, account: Account, kind: FactorKind | None = None) -> list[tuple[FactorRow, Held]]:
        """Return an account's factors, opened; what does not open is passed over."""
        sealer = await self._keyring.account(account)
        found = []
        for row in await self._store.factors(account.id):
            if kind in {None, row.kind}:
                try:
                    data = sealer.open(Kind.FACTOR, row.sealed, *slot(row.kind, row.created_at))
                except SealError:
                    log.event("factor.unreadable", account=account.id, factor=row.id)
                    continue
                found.append((row, Held(row.id, data, row.lookup, row.counter, row.created_at)))
        return found

    async def _asked(self, account: Account, kind: FactorKind, page: Page, nonce: bytes, asked_at: int) -> Asked:
        held = () if account.id == NOBODY else tuple(one for _, one in await self.held(account, kind))
        return Asked(account, page.origin, page.base, self._clock.now(), nonce, asked_at, held)

    async def _use(self, account: Account, asked: Asked, proved: Proved) -> None:
        if proved.code is not None:
            if not await self._store.use_recovery_code(account.id, proved.code):
                raise Refused("recovery.wrong")
            return
        row = next((one for one in await self._store.factors(account.id) if one.id == proved.factor_id), None)
        if row is None:
            raise Refused("factor.gone")
        sealed = None
        if proved.data is not None:
            sealed = (await self._keyring.account(account)).seal(
                Kind.FACTOR, proved.data, *slot(row.kind, row.created_at)
            )
        used = await self._store.use_factor(
            row, asked.now, counter=proved.counter, sealed=sealed, lookup=proved.lookup
        )  # fmt: skip
        if not used:
            raise Refused(f"{row.kind}.replayed")

    async def _place(self, account: Account, origin: Origin, *, known: bool) -> str:
        place = place_of(origin.address)
        network = "-" if place is None else place.network
        since = self._clock.now() - KNOWN_MS
        return network if known or await self._store.known_network(account.id, network, since) else ""

    async def _check_wait(self, account: Account, place: str) -> None:
        failures, last_at = await self._store.factor_strikes(account.id, place)
        if failures >= FREE and self._clock.now() < last_at + min(MINUTE << min(failures - FREE, 10), WAIT_MOST_MS):
            raise RateLimited("too many wrong second factors; wait a while", reason="factor.many")

    async def _failed(self, account: Account, place: str, origin: Origin, kind: str, refused: Refused) -> None:
        now = self._clock.now()
        await self._store.strike_factor(account.id, place, now, now - DAY)
        log.event(
            "auth.factor_failed", account=account.id, kind=kind[:20], reason=refused.reason, door=origin.door,
            peer=origin.address,
        )  # fmt: skip
