"""Greylisting: who is not known is asked to come again; what sends spam seldom does.

STRATEGIES  A triplet of network, sender's domain and recipient that nobody knew is put off for `greylist_s`; whoever comes
            again within a day is taken, and network and domain are known for 30 days. Known without waiting: partners and
            exceptions, whoever our people have written to, and a network and domain whose mail passed SPF, DKIM or DMARC
            and was wanted before.
LIMITS      Keys are 16 octets in the store; rows end by themselves (upkeep).
SECURITY    Keyed hashes only: the store cannot tell who writes to whom. An outsider learns from a delay that nobody here
            has written to that domain's address lately; that is what greylisting tells anywhere.
STANDARDS   RFC 6647: 60 s to 5 min for the delay (§5), 450 or 451 as the answer, triplets by network (§2.2).
"""

from typing import Final

from smartmail.domain.defence import GreyRow
from smartmail.domain.errors import MailError, RateLimited
from smartmail.formats.address import normalize, split_address
from smartmail.formats.seal import HASH_OCTETS, Purpose
from smartmail.ports.clock import Clock
from smartmail.ports.store_defence import DefenceStore
from smartmail.service.kernel.clock import DAY, SECOND
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.protection.defence.background import Background
from smartmail.service.protection.defence.bans import Bans
from smartmail.service.protection.defence.places import Place

WHITE_MS: Final = 30 * DAY
RETRY_MS: Final = DAY
"""How long a first attempt stands. RFC 5321 §4.5.4.1: a sender tries again within hours."""


class Greylist:
    """Says whether a recipient of an unknown sender is put off."""

    def __init__(self, store: DefenceStore, keyring: Keyring, bans: Bans, clock: Clock, background: Background) -> None:
        self._store = store
        self._keyring = keyring
        self._bans = bans
        self._clock = clock
        self._background = background

    async def check(self, place: Place, sender: str, recipient: str) -> None:
        """Raise RateLimited where this sender has to come again. A store that is away puts nobody off."""
        try:
            waits_s = await self._waits(place, sender, recipient)
        except MailError:
            return
        if waits_s > 0:
            raise RateLimited(f"greylisted: please try again in {waits_s} seconds", reason="calls.many")

    async def _waits(self, place: Place, sender: str, recipient: str) -> int:
        now = self._clock.now()
        if await self._known(place, sender, now):
            return 0
        delay = self._bans.settings.greylist_s * SECOND
        key = self._key("triplet", place.network, _domain(sender), normalize(recipient))
        first = await self._store.grey_first(GreyRow(key, now, now + RETRY_MS), now)
        if now - first < delay:
            return max(1, (first + delay - now) // SECOND)
        await self._store.know_senders([self._pair(place, sender)], now + WHITE_MS)
        return 0

    async def _known(self, place: Place, sender: str, now: int) -> bool:
        if await self._store.known_senders([self._pair(place, sender)], now):
            return True
        return bool(sender) and await self._store.anyone_wrote([self.correspondent(sender)])

    def learn(self, place: Place, sender: str) -> None:
        """A sender's mail was proved to be its own and wanted: it does not wait the next 30 days."""
        if sender:
            key, until = self._pair(place, sender), self._clock.now() + WHITE_MS
            self._background.start(self._store.know_senders([key], until))

    def correspondent(self, address: str) -> bytes:
        """Return the hash by which an address that our people write to is known."""
        return self._key("correspondent", normalize(address))

    def _pair(self, place: Place, sender: str) -> bytes:
        return self._key("pair", place.network, _domain(sender))

    def _key(self, *words: str) -> bytes:
        fields = [word.encode("utf-8", "surrogatepass") for word in words]
        return self._keyring.installation_mac(Purpose.DEFENCE, *fields)[:HASH_OCTETS]


def _domain(sender: str) -> str:
    return split_address(normalize(sender))[1] if sender else ""
