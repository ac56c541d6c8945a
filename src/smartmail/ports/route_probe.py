"""Speaking SMTP to one host as the relay does, with every line kept."""

from typing import Protocol

from smartmail.domain.route_probe import ProbeLetter, ProbePlace, Spoken


class RouteProber(Protocol):
    """Speaks; never raises for what the host does."""

    async def speak(self, place: ProbePlace, letter: ProbeLetter | None) -> Spoken:
        """Connect, greet, secure, log in, and give the letter if there is one; return what was said."""
        ...
