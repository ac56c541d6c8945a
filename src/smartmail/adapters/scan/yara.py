"""NAME
    YARA: rules of an administrator as an engine, matched in a child process that may be killed

STATES
    Of a scanner: without child → compiling → ready ⇄ working → without child (the rules changed, it died, it was killed).

STRATEGIES
    One child of each engine keeps its rules compiled and matches one message at a time. It is started when first needed
    and anew when the rules have changed.

LIMITS
    SECONDS of a match (the library's), the engine's seconds of a scan (its caller's: then the child is killed); MAX_RULES
    octets of rules. Memory is limited by the child itself.

FAILURE
    No library, wrong rules, a child that died, a match that took too long: ScanFailed, and what the engine's settings say
    of mail that could not be scanned is done.

SECURITY
    The child gets two pipes and an environment without secrets.
"""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final

import msgspec

from smartmail.ports.scan import (
    EngineInfo,
    Octets,
    RulesMissing,
    RulesWrong,
    ScanEnvelope,
    ScanFailed,
    ScanRules,
    ScanVerdict,
)

SECONDS: Final = 8
MAX_MATCHES: Final = 50
MAX_ANSWER: Final = 1 << 20
START_S: Final = 30.0
MISSING, WRONG = "missing", "wrong"
NO_LIBRARY: Final = "the YARA library is not on this server: install the Python package yara-x beside SmartMail"

RulesOf = Callable[[str], Awaitable[ScanRules | None]]


class Heard(msgspec.Struct, frozen=True, array_like=True):
    """What a child says: after the rules how many there are and who matches; after a message what matched, each with
    its score, None for malware. `problem`: "" or what stands in the way.
    """

    problem: str = ""
    text: str = ""
    count: int = 0
    matches: tuple[tuple[str, float | None], ...] = ()


class YaraStarter:
    """Starts children, and checks rules with one."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command, self._environment = tuple(command), dict(environment)

    async def check(self, text: str) -> int:
        """Return how many rules there are. Raises RulesMissing (no library), RulesWrong, ScanFailed."""
        process, heard = await self.start(text)
        await end(process)
        return heard.count

    async def start(self, text: str) -> tuple[Process, Heard]:
        """Return a child that has compiled rules, and what it said. Raises as `check`."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=self._environment
            )
        except OSError as error:
            raise ScanFailed(f"no child: {error}") from error
        try:
            async with asyncio.timeout(START_S):
                heard = await ask(process, text.encode())
            _check(heard)
        except TimeoutError as error:
            await end(process)
            raise ScanFailed("the rules were not compiled in time") from error
        except BaseException:
            await end(process)
            raise
        return process, heard


def _check(heard: Heard) -> None:
    if heard.problem == MISSING:
        raise RulesMissing(NO_LIBRARY)
    if heard.problem:
        raise RulesWrong(heard.text)


class Yara:
    """Implements Scanner: the rules of one name."""

    def __init__(self, name: str, rules_of: RulesOf, starter: YaraStarter) -> None:
        self._name = name
        self._rules_of = rules_of
        self._starter = starter
        self._lock = asyncio.Lock()
        self._process: Process | None = None
        self._rules: ScanRules | None = None
        self._says = ""

    async def scan(self, size: int, octets: Octets, envelope: ScanEnvelope) -> ScanVerdict:
        """Return the verdict. Raises ScanFailed."""
        del size, envelope
        async with self._lock:
            process = await self._ready()
            try:
                message = b"".join([piece async for piece in octets()])
                heard = await ask(process, message)
            except BaseException:
                # Also one that is called off: what it was asked would be answered to the next.
                await self._drop()
                raise
        if heard.problem:
            raise ScanFailed(heard.text)
        return _verdict(heard)

    async def info(self) -> EngineInfo:
        """Return the library, the rules and their date. Raises ScanFailed."""
        async with self._lock:
            await self._ready()
            assert self._rules is not None
            return EngineInfo(f"{self._says}, {self._rules.count} rules of {self._rules.day}")

    async def _ready(self) -> Process:
        rules = await self._rules_of(self._name)
        if rules is None:
            raise ScanFailed(f"there are no rules {self._name!r}")
        if self._process is None or self._process.returncode is not None or rules != self._rules:
            await self._drop()
            try:
                self._process, heard = await self._starter.start(rules.text)
            except (RulesMissing, RulesWrong) as error:
                raise ScanFailed(str(error)) from error
            self._rules, self._says = rules, heard.text
        return self._process

    async def _drop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await end(process)


async def ask(process: Process, octets: bytes) -> Heard:
    """Give a child a frame and return its answer. Raises ScanFailed."""
    assert process.stdin is not None
    assert process.stdout is not None
    # One that ends without reading (the library is missing) has answered all the same.
    with suppress(OSError, RuntimeError):
        process.stdin.write(len(octets).to_bytes(4, "big") + octets)
        await process.stdin.drain()
    try:
        size = int.from_bytes(await process.stdout.readexactly(4), "big")
        if size > MAX_ANSWER:
            raise ScanFailed("an answer that is none")
        return msgspec.msgpack.decode(await process.stdout.readexactly(size), type=Heard)
    except (asyncio.IncompleteReadError, OSError, msgspec.MsgspecError) as error:
        raise ScanFailed("the child died") from error


async def end(process: Process) -> None:
    """End a child and reap it."""
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()


def _verdict(heard: Heard) -> ScanVerdict:
    malware = [name for name, score in heard.matches if score is None]
    symbols = tuple((name, score) for name, score in heard.matches if score is not None)
    total = sum(score for _, score in symbols)
    if malware:
        return ScanVerdict(f"YARA.{malware[0]}"[:200], "infected", total, symbols)
    return ScanVerdict(score=total, symbols=symbols)
