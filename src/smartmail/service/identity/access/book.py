"""The access rules that this process obeys, and what is known of a login to judge it by.

STRATEGIES  The rules of exactly the epoch that service.kernel.policy obeys, read when that moves: one epoch number for knobs and
            access rules, so that each decision is of one epoch.
FAILURE     Rules that cannot be compiled (a newer program's) are logged and the last good ones hold; without any, and
            while the store is away before the first read: Unavailable, nobody comes in (KX-5).
Must not know what a refusal is to a door.
"""

import asyncio
from typing import Final

from smartmail.base import log
from smartmail.domain.access import AccessRule, Login, Place
from smartmail.domain.account import Account
from smartmail.domain.errors import Unavailable
from smartmail.formats.geo_table import is_inside, parse_address
from smartmail.policy.access import AccessDecision, AccessRuleset, Why, decide, explain
from smartmail.policy.conditions import AccessFacts
from smartmail.policy.hosting import class_of
from smartmail.ports.clock import Clock
from smartmail.ports.store_access import AccessStore
from smartmail.service.kernel.clock import SECOND
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.protection.geo import GeoService

GEO_FRESH_MS: Final = SECOND
"""How old the tables of addresses may be for live logins, a lost hint included (KA-22)."""
_NOWHERE: Final = Place()
_INSIDE: Final = Place("private")

Stamp = tuple[int, int]
"""What changes when an answer may change, beside the clock: the epoch, and the tables of addresses."""


class AccessBook:
    """Answers for the gate, for administrators and for live logins."""

    def __init__(self, store: AccessStore, policy: PolicyService, geo: GeoService, clock: Clock) -> None:
        self._store = store
        self._policy = policy
        self._geo = geo
        self._clock = clock
        self._rules: AccessRuleset | None = None
        self._seen = -1
        self._reading = asyncio.Lock()

    async def rules(self) -> AccessRuleset:
        """Return the access rules in force. Raises Unavailable."""
        epoch = (await self._policy.ruleset()).epoch
        if epoch != self._seen:
            async with self._reading:
                if epoch != self._seen:
                    await self._read(epoch)
        if self._rules is None:
            raise Unavailable(detail="the access rules cannot be obeyed")
        return self._rules

    def place(self, address: str) -> Place:
        """Return where an address is, by the tables in force."""
        parsed = parse_address(address)
        if parsed is None:
            return _NOWHERE
        if is_inside(parsed):
            return _INSIDE
        found = self._geo.look(address)
        asn = found.asn or 0
        return Place("known" if found.country else "unknown", found.country or "", asn, class_of(asn))

    async def facts(self, account: Account, login: Login, at: int | None = None) -> AccessFacts:
        """Return what a login of an account is judged by, now or at a time (milliseconds)."""
        scopes = await self._policy.scopes_of(account)
        now = self._clock.now() if at is None else at
        return AccessFacts(now, scopes, login, self.place(login.address), account.kind)

    async def decide(self, account: Account, login: Login) -> AccessDecision | None:
        """Return what holds for a login; None where there are no rules at all."""
        rules = await self.rules()
        return decide(rules, await self.facts(account, login)) if rules.rules else None

    async def explain(
        self, account: Account, login: Login, at: int | None = None, rules: AccessRuleset | None = None
    ) -> tuple[AccessDecision, list[tuple[AccessRule, Why]]]:
        """Return what holds and what became of each rule."""
        return explain(rules or await self.rules(), await self.facts(account, login, at))

    async def standing(self, now: int) -> tuple[Stamp, int | None]:
        """Return the stamp of now, and the next time at which an answer may change by the clock alone."""
        rules = await self.rules()
        if rules.rules:
            await self._geo.refresh(GEO_FRESH_MS)
        return (rules.epoch, self._geo.generation), rules.next_boundary(now)

    async def _read(self, epoch: int) -> None:
        _, rows = await self._store.access_rules(epoch)
        try:
            self._rules = AccessRuleset(epoch, rows)
        except (ValueError, KeyError, TypeError) as error:
            log.event("access.unreadable", epoch=epoch, detail=str(error))
        self._seen = epoch
