"""Questions to the name service: answers are remembered by the process, and one method may ask only so much.

LIMITS   `REMEMBERED` answers of at most `MAX_ANSWER` octets; `MAX_QUESTIONS` and `SECONDS` for one method.
FAILURE  Whatever goes wrong is TemporaryLookupError, and is remembered shortly, so that a dead server is not asked by
         every message.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

from smartmail.ports.clock import Clock
from smartmail.ports.dns import DnsFailure, Resolver
from smartmail.proto.mailauth.asking import RecordKind, TemporaryLookupError
from smartmail.proto.mailauth.domains import is_well_formed
from smartmail.service.kernel.clock import MINUTE, SECOND

REMEMBERED = 8_192
MAX_ANSWER = 4_096
FOUND_MS = 5 * MINUTE
EMPTY_MS = MINUTE
FAILED_MS = 10 * SECOND
MAX_QUESTIONS = 100
"""A record of SPF that names ten exchangers asks about 60 times."""
SECONDS = 14.0
POLICY_SECONDS = 8.0
"""For DMARC, which comes after; all together is less than an inspector may take."""

_Key = tuple[RecordKind, str]


class NameService:
    """Answers of the resolver, remembered. The port tells no TTL: five minutes are what DNS calls short."""

    def __init__(self, resolver: Resolver, clock: Clock) -> None:
        self._resolver = resolver
        self._clock = clock
        self._answers: OrderedDict[_Key, tuple[int, tuple[str, ...] | None]] = OrderedDict()

    async def ask(self, name: str, kind: RecordKind) -> Sequence[str]:
        """Return the answer, as proto.mailauth.asking.Ask says. Raises TemporaryLookupError."""
        key = (kind, name.lower().rstrip("."))
        until, known = self._answers.get(key, (0, None))
        if self._clock.now() < until:
            if known is None:
                raise TemporaryLookupError(name)
            return known
        try:
            answer = tuple(await self._asked(*key))
        except DnsFailure:
            self._remember(key, None, FAILED_MS)
            raise TemporaryLookupError(name) from None
        if sum(map(len, answer)) <= MAX_ANSWER:
            self._remember(key, answer, FOUND_MS if answer else EMPTY_MS)
        return answer

    def _remember(self, key: _Key, answer: tuple[str, ...] | None, duration: int) -> None:
        self._answers[key] = self._clock.now() + duration, answer
        self._answers.move_to_end(key)
        while len(self._answers) > REMEMBERED:
            self._answers.popitem(last=False)

    async def _asked(self, kind: RecordKind, name: str) -> Sequence[str]:
        if kind == "PTR":
            return await self._resolver.names(name)
        if not is_well_formed(name) or not name.isascii():
            return ()
        if kind == "TXT":
            return [text.decode("utf-8", "replace") for text in await self._resolver.txt(name)]
        if kind == "MX":
            hosts = sorted(await self._resolver.mx(name), key=lambda one: one.preference)
            return [one.host for one in hosts if one.host]
        return [one for one in await self._resolver.addresses(name) if (":" in one) == (kind == "AAAA")]


class Questioner:
    """What one method may ask for one message: so often, until so late."""

    def __init__(self, names: NameService, *, questions: int = MAX_QUESTIONS, seconds: float = SECONDS) -> None:
        self._names = names
        self._left = questions
        self._end = asyncio.get_running_loop().time() + seconds

    async def ask(self, name: str, kind: RecordKind) -> Sequence[str]:
        """Return an answer. Raises TemporaryLookupError, also when too much was asked or too much time has passed."""
        self._left -= 1
        if self._left < 0:
            raise TemporaryLookupError("too many questions")
        try:
            async with asyncio.timeout_at(self._end):
                return await self._names.ask(name, kind)
        except TimeoutError:
            raise TemporaryLookupError(name) from None

    async def texts(self, name: str) -> Sequence[str]:
        """Return TXT records, as proto.mailauth.asking.Lookup says."""
        return await self.ask(name, "TXT")
