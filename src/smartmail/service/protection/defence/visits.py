"""One SMTP connection as defence sees it: the edge tells what happens, and hears what to do.

A pause is told as seconds to wait before the answer; whoever is `shut_out` is told 421 and closed.
"""

from dataclasses import dataclass
from typing import Final

from smartmail.domain.errors import RateLimited
from smartmail.ports.clock import Clock
from smartmail.service.protection.defence.bans import Bans
from smartmail.service.protection.defence.budgets import Buckets
from smartmail.service.protection.defence.greylist import Greylist
from smartmail.service.protection.defence.places import Place, place_of
from smartmail.service.protection.defence.strikes import Strikes

EARLY, BARE, BAD = 5.0, 3.0, 1.0
"""Strikes for talk before its time, for bare newlines (SMTP smuggling), for any other mistake."""
FREE_MISTAKES: Final = 3
"""Mistakes and unknown recipients of a connection that cost no time."""
UNKNOWN_MOST: Final = 25
"""Unknown recipients of one connection."""


@dataclass(slots=True)
class Sizes:
    """Budgets of what is no offence: connections, commands, messages, octets."""

    connections: Buckets[str]
    commands: Buckets[str]
    messages: Buckets[str]
    octets: Buckets[str]


class Visit:
    """What one connection has done."""

    __slots__ = ("_bans", "_clock", "_greylist", "_host", "_mistakes", "_mx", "_place", "_sender", "_sizes", "_strikes",
                 "_suspect", "_unknown")  # fmt: skip

    def __init__(
        self, host: str, bans: Bans, strikes: Strikes, greylist: Greylist, sizes: Sizes, clock: Clock, *, mx: bool
    ) -> None:
        self._host = host
        self._bans = bans
        self._strikes = strikes
        self._greylist = greylist
        self._sizes = sizes
        self._clock = clock
        self._mx = mx
        self._place: Place | None = place_of(host)
        self._suspect = False
        self._mistakes = self._unknown = 0
        self._sender = ""

    @property
    def judged(self) -> bool:
        """Say whether this host is judged at all: this machine is not."""
        return self._place is not None

    @property
    def greylists(self) -> bool:
        """Say whether recipients of this connection may be put off."""
        return self._place is not None and self._mx and self._wary() and not self._bans.is_allowed(self._host)

    @property
    def shut_out(self) -> bool:
        """Say whether the connection is to be ended now: banned meanwhile, or it asked for too many strangers."""
        if self._place is None:
            return False
        return self._unknown > UNKNOWN_MOST or self._bans.is_banned(self._host)

    async def connected(self) -> float:
        """The connection is open: return the seconds before the greeting, 0 for nearly everybody."""
        if self._place is None:
            return 0.0
        await self._bans.look()
        self._suspect = self._strikes.suspect(self._host) and not self._bans.is_allowed(self._host)
        return self._bans.settings.greet_pause_s if self._suspect and self._mx else 0.0

    def greeted(self, name: str) -> None:
        """EHLO: a name that is none makes a host suspicious (RFC 5321 §4.1.4 forbids to refuse it for that)."""
        literal = name.startswith("[") and name.endswith("]")
        self._suspect = self._suspect or not (literal or "." in name.strip("."))

    def command(self) -> float:
        """A command came: return the seconds to wait before it is answered."""
        if self._place is None or self._sizes.commands.take(self._place.address, self._clock.now()):
            return 0.0
        return self._bans.settings.tarpit_s

    def mail(self, sender: str) -> None:
        """MAIL FROM. Raises RateLimited: too many messages, or too large ones, from this host."""
        self._sender = sender
        if self._place is None or self._bans.is_allowed(self._host):
            return
        now = self._clock.now()
        if not self._sizes.octets.has(self._place.address, now) or not self._sizes.messages.take(
            self._place.address, now
        ):
            raise RateLimited("too much mail from your host for now; try again later", reason="calls.many")

    async def rcpt(self, recipient: str) -> None:
        """RCPT TO for a recipient of ours. Raises RateLimited: greylisted."""
        if self._place is not None and self.greylists:
            await self._greylist.check(self._place, self._sender, recipient)

    def _wary(self) -> bool:
        mode = self._bans.settings.greylisting
        return mode == "on" or (mode == "suspicious" and self._suspect)

    def unknown(self) -> float:
        """A recipient that nobody has, or that is not ours: return the seconds before the answer."""
        if self._place is None or self._bans.is_allowed(self._host):
            return 0.0
        self._unknown += 1
        self._strikes.strike("harvest", self._host)
        slow = self._unknown > FREE_MISTAKES or self._strikes.is_slow(self._host, "harvest")
        return self._bans.settings.tarpit_s if slow else 0.0

    def mistake(self, strikes: float = BAD) -> float:
        """A breach of the protocol: return the seconds before the answer."""
        if self._place is None or self._bans.is_allowed(self._host):
            return 0.0
        self._mistakes += 1
        self._strikes.strike("errors", self._host, strikes)
        return self._bans.settings.tarpit_s if self._mistakes > FREE_MISTAKES else 0.0

    def outcome(self, octets: int) -> None:
        """A message came in to its end, whatever became of it."""
        if self._place is not None:
            self._sizes.octets.spend(self._place.address, self._clock.now(), octets)
