"""One dialogue for an administrator to read: the relay's own connection, with its lines kept (ports.route_probe).

STRATEGIES  The engine, the terms and the falling back are those of mail (edge.relay.securing), so that what is shown is what
            mail meets. Without PIPELINING, so that answers stand under what they answer.
LIMITS      `SECONDS` for one host; `MAX_LINES` lines of `MAX_TEXT` characters are kept.
SECURITY    What goes out for a login is never kept, nor the content of the message.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

from smartmail.domain.route_probe import Outcome, ProbeLetter, ProbeLine, ProbePlace, Speaker, Spoken
from smartmail.domain.transport import TlsUse
from smartmail.edge.relay.connection import ConnectFailed, Connection, Terms, TlsFailed
from smartmail.edge.relay.securing import relaxed
from smartmail.proto.smtp.client_events import ClientConfig, ClientTimeouts, Envelope, Recipient, Result
from smartmail.proto.smtp.path import path_of

SECONDS: Final = 30.0
MAX_LINES: Final = 200
MAX_TEXT: Final = 1000
HIDDEN: Final = "••••"
_TIMEOUTS: Final = ClientTimeouts(greeting=15, command=15, data_start=15, data_block=15, data_end=20, quit=3)


class Transcript:
    """What was said, without secrets. Called by the connection with every piece that goes either way."""

    def __init__(self) -> None:
        self.lines: list[ProbeLine] = []
        self._began = time.monotonic()
        self._asked = ""
        self._content = 0

    def __call__(self, by: Speaker, data: bytes) -> None:
        """Keep a piece."""
        if by == "us" and self._asked == "354":
            self._content += len(data)
            return
        if self._content:
            self._add("us", f"[{self._content} octets]")
            self._content = 0
        for line in data.decode("utf-8", "replace").splitlines():
            if by == "host":
                self._asked = line[:3] if line[3:4] != "-" else ""
            self._add(by, self._shown(line) if by == "us" else line)

    def note(self, text: str) -> None:
        """Say something about it."""
        self._add("note", text)

    def _shown(self, line: str) -> str:
        """A line of ours: a login keeps the name of its mechanism only."""
        if self._asked == "334":
            return HIDDEN
        words = line.split(" ", 2)
        return f"{words[0]} {words[1]} {HIDDEN}" if words[0].upper() == "AUTH" and len(words) > 2 else line

    def _add(self, by: Speaker, text: str) -> None:
        if len(self.lines) < MAX_LINES:
            at = round((time.monotonic() - self._began) * 1000)
            self.lines.append(ProbeLine(at, by, text[:MAX_TEXT]))


class ProbeSpeaker:
    """ports.route_probe.RouteProber. `host`: our name in the hello."""

    def __init__(self, host: str) -> None:
        self._config = ClientConfig(host, pipelining=False, timeouts=_TIMEOUTS)

    async def speak(self, place: ProbePlace, letter: ProbeLetter | None) -> Spoken:
        """Speak to one host."""
        tape = Transcript()
        try:
            async with asyncio.timeout(SECONDS):
                outcome, use = await self._spoken(place, letter, tape)
        except TimeoutError:
            tape.note(f"no end within {SECONDS:.0f} seconds")
            outcome, use = "failed", TlsUse()
        return Spoken(outcome, tuple(tape.lines), use)

    async def _spoken(self, place: ProbePlace, letter: ProbeLetter | None, tape: Transcript) -> tuple[Outcome, TlsUse]:
        if place.terms.refusal and not place.terms.testing:
            tape.note(place.terms.reason or place.terms.refusal)
            return "insecure", TlsUse()
        try:
            connection = await self._open(place, tape)
        except ConnectFailed as error:
            tape.note(str(error))
            return "insecure" if isinstance(error, TlsFailed) else "failed", TlsUse()
        try:
            results = await connection.send(_envelope(letter), _content(letter)) if letter else ()
            await connection.quit()
        finally:
            connection.abort()
        return _outcome(letter, results), connection.use

    async def _open(self, place: ProbePlace, tape: Transcript) -> Connection:
        """Open as mail would: by the terms, then, where nothing is demanded, without proof and in clear."""
        terms = Terms(self._config, security=place.terms, username=place.username, password=place.password, tap=tape)
        demanded = place.terms.demand and not place.terms.testing
        loose = replace(terms, security=relaxed(place.terms))
        for wish in (terms,) if demanded else (terms, loose, replace(loose, use_tls=False)):
            try:
                return await Connection.open(wish, place.host, place.address, place.port)
            except TlsFailed as error:
                if demanded or not wish.use_tls:
                    raise
                tape.note(str(error))
        raise ConnectFailed(f"{place.host}: no connection")


def _outcome(letter: ProbeLetter | None, results: tuple[Result, ...]) -> Outcome:
    if letter is None:
        return "answered"
    if not results:
        return "failed"
    if results[0].delivered:
        return "accepted"
    return "refused" if results[0].reply.permanent else "later"


def _envelope(letter: ProbeLetter) -> Envelope:
    return Envelope(path_of(letter.sender), (Recipient(path_of(letter.recipient)),), size=len(letter.content))


async def _content(letter: ProbeLetter) -> AsyncIterator[bytes]:
    yield letter.content
