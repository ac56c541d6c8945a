"""NAME
    parsing children: the TextExtractor, Dissector, LayoutReader, BodyReader and PortraitMaker over child processes that may be killed

STATES
    Of a child: starting (until READY) → idle ⇄ working → ended (killed, died, recycled, idle for long).

STRATEGIES
    Started when first needed. A child that dies at work for no told reason is replaced and the file tried once more;
    one that ran into the limits of its file is not. A child is replaced after many files, or when it says it is tired.
    What was read lately is remembered, failures too.

LIMITS
    `ChildLimits`: children, octets of a file, processor and wall seconds of a file, characters of its text. Memory is
    limited by the child itself before it hears anything.

FAILURE
    A file costs at most its limits and gives a `problem`. Unavailable when no child comes up.

SECURITY
    A child gets two pipes and an environment without secrets; its answers are bounded and checked.
"""

import asyncio
import dataclasses
import hashlib
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

import msgspec

from smartmail.adapters.extraction import wire
from smartmail.adapters.extraction.claims import handles
from smartmail.adapters.extraction.remembered import Key, Remembered, key_of
from smartmail.base import log
from smartmail.domain.errors import Unavailable
from smartmail.formats.body_view import BodyTask, BodyView
from smartmail.formats.extract.out import FileInside
from smartmail.formats.file_names import FileSign
from smartmail.formats.layout.inside import Opened
from smartmail.formats.layout.model import Layout, View
from smartmail.ports.extraction import ExtractedText

_START_S: Final = 60.0  # on a machine that is busy with everything else; it takes 0.3 s
_LAST_BREATH_S: Final = 5.0  # between the end of its pipe and its own
_ATTEMPTS: Final = 2
_SIGXCPU: Final = 24
# A peer waits while the signs of its files are read.
_SIGNS_CPU_S: Final = 3.0
_SIGNS_WALL_S: Final = 8.0
_PORTRAIT_CPU_S: Final = 5.0
_PORTRAIT_WALL_S: Final = 20.0
_MAX_PORTRAIT: Final = 256 << 10
_SEEN: Final = 2_000  # files whose signs are remembered: a logo comes with every mail of its company


class ChildLimits(msgspec.Struct, frozen=True):
    """Bounds of one pool. Times in seconds."""

    children: int = 1
    octets: int = 100 << 20  # of one file
    chars: int = 2_000_000  # of its text
    cpu_s: float = 10.0
    wall_s: float = 60.0
    files: int = 500  # read by one child
    idle_s: float = 300.0  # then its memory is given back


BODY_LIMITS: Final = ChildLimits(children=2, octets=16 << 20, cpu_s=4.0, wall_s=15.0)
"""Of those that show text parts of messages: somebody waits for them."""

THOROUGH_LIMITS: Final = ChildLimits(children=2, octets=wire.MAX_FILE, chars=5_000_000, cpu_s=60.0, wall_s=120.0)
"""Of files that are read for leak prevention: a sender waits for them, and the indexer does not make a sender wait."""


class _DiedError(Exception):
    """The child ended before it answered."""


class _NonsenseError(_DiedError):
    """It lives, and what it says is no answer: its octets have taken it over, or it is not ours."""


class _Child:
    """One running child."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.files = 0

    async def hear(self, most: int) -> bytes:
        """Return the next frame. Raises _DiedError."""
        assert self.process.stdout is not None
        try:
            size = int.from_bytes(await self.process.stdout.readexactly(4), "big")
            if size > most:
                raise _NonsenseError
            return await self.process.stdout.readexactly(size)
        except (asyncio.IncompleteReadError, OSError):
            raise _DiedError from None

    async def ask(self, task: wire.Task, octets: bytes) -> wire.Answer:
        """Let it read one file. Raises _DiedError."""
        pipe = self.process.stdin
        assert pipe is not None
        try:
            pipe.write(wire.frame(wire.encode(task)) + len(octets).to_bytes(4, "big"))
            pipe.write(octets)
            await pipe.drain()
        except (OSError, RuntimeError):  # the second: uvloop's word for a pipe that is closed
            raise _DiedError from None
        self.files += 1
        try:
            return wire.decode_answer(await self.hear(wire.MAX_ANSWER))
        except (msgspec.MsgspecError, ValueError, RecursionError):
            raise _NonsenseError from None


class ParsingChildren:
    """Implements TextExtractor, Dissector, LayoutReader, BodyReader and PortraitMaker."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        limits: ChildLimits = ChildLimits(),  # noqa: B008
        thorough: ChildLimits = THOROUGH_LIMITS,
    ) -> None:
        self._command, self._environment, self._limits = tuple(command), dict(environment), limits
        self._free = asyncio.Semaphore(limits.children)
        self._thorough, self._free_thorough = thorough, asyncio.Semaphore(thorough.children)
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()
        self._reaping: set[asyncio.Task[int]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._remembered = Remembered()
        self._seen: dict[tuple[Key, str], tuple[FileSign, ...]] = {}  # signs tell the name

    def handles(self, media_type: str, name: str) -> bool:
        """Say whether `text_of` may read such a file."""
        return handles(media_type, name)

    async def text_of(
        self, media_type: str, name: str, octets: bytes, *, thorough: bool = False
    ) -> ExtractedText | None:
        """Return the text of a file. Raises Unavailable."""
        limits, free = (self._thorough, self._free_thorough) if thorough else (self._limits, self._free)
        if len(octets) > limits.octets:
            return await _failed("limits", name, octets, thorough=thorough)
        task = wire.Task(media_type, name, limits.cpu_s, limits.wall_s, limits.chars, thorough=thorough)
        key = await key_of(media_type, name, octets, thorough=thorough)
        async with free:
            if key in self._remembered:
                return _named(self._remembered.take(key), name)
            result = await self._read(task, octets)
        self._remembered.keep(key, result)
        return result

    async def signs_of(self, media_type: str, name: str, octets: bytes) -> tuple[FileSign, ...]:
        """Return what a file could do. Raises Unavailable."""
        unbounded = (FileSign("unbounded", name[:200]),)
        if len(octets) > self._limits.octets:
            return unbounded
        task = wire.Task(media_type, name, _SIGNS_CPU_S, _SIGNS_WALL_S, 0, signs=True)
        key = await key_of(media_type, name, octets)
        async with self._free:
            if (key, name) in self._seen:
                return self._seen[key, name]
            answer = await self._ask(task, octets)
        signs = unbounded if isinstance(answer, str) else answer.signs
        if not isinstance(answer, str) and answer.fault:
            log.event("extraction.failed", error=answer.fault[:200])
        while len(self._seen) >= _SEEN:
            del self._seen[next(iter(self._seen))]
        self._seen[key, name] = signs
        return signs

    async def portrait_of(self, octets: bytes) -> tuple[bytes, bytes] | None:
        """Return a photograph, small and large. Raises Unavailable."""
        task = wire.Task("", "", _PORTRAIT_CPU_S, _PORTRAIT_WALL_S, 0, portrait=True)
        async with self._free:
            answer = await self._ask(task, octets)
        if isinstance(answer, str):
            return None
        if answer.fault:
            log.event("extraction.failed", error=answer.fault[:200])
        # Whoever has taken a child over says anything: what goes on is two small pictures.
        if len(answer.pictures) != 2 or not all(_is_jpeg(one) for one in answer.pictures):
            return None
        return answer.pictures[0], answer.pictures[1]

    async def layout_of(self, media_type: str, name: str, octets: bytes) -> Layout | None:
        """Return what a file looks like. Raises Unavailable."""
        answer = await self._looked(wire.Task(media_type, name, *self._time(), 0, layout=True), octets)
        return None if answer is None else answer.layout

    async def file_inside(self, media_type: str, name: str, octets: bytes, path: tuple[int, ...]) -> Opened | None:
        """Return a file inside a file. Raises Unavailable."""
        answer = await self._looked(wire.Task(media_type, name, *self._time(), 0, inside=path), octets)
        return None if answer is None else answer.opened

    async def view_of(self, media_type: str, name: str, octets: bytes, mark: str, first: int) -> View | None:
        """Return what may be seen of a file. Raises Unavailable."""
        task = wire.Task(media_type, name, *self._time(), 0, view=True, mark=mark, first=first)
        answer = await self._looked(task, octets)
        return None if answer is None else answer.view

    async def body_of(self, task: BodyTask, octets: bytes) -> BodyView | None:
        """Return a text part of a message as safe HTML. Raises Unavailable."""
        answer = await self._looked(wire.Task(task.media_type, "", *self._time(), 0, body=task), octets)
        return None if answer is None else answer.body

    def _time(self) -> tuple[float, float]:
        return self._limits.cpu_s, self._limits.wall_s

    async def _looked(self, task: wire.Task, octets: bytes) -> wire.Answer | None:
        """Return an answer; None for a file that cost its child, or is too large for one."""
        if len(octets) > self._limits.octets:
            return None
        async with self._free:
            answer = await self._ask(task, octets)
        if isinstance(answer, str):
            return None
        if answer.fault:
            log.event("extraction.failed", error=answer.fault[:200])
        return answer

    async def _read(self, task: wire.Task, octets: bytes) -> ExtractedText | None:
        answer = await self._ask(task, octets)
        if isinstance(answer, str):
            return await _failed(answer, task.name, octets, thorough=task.thorough)
        if task.thorough and answer.has_text and not answer.files:  # a fault of ours, or its memory was at an end
            return await _failed(answer.problem or "crashed", task.name, octets, thorough=True)
        return self._text(answer, task.chars)

    async def _ask(self, task: wire.Task, octets: bytes) -> wire.Answer | str:
        """Return what a child answers, or the problem that stopped it."""
        for _ in range(_ATTEMPTS):
            child = await self._take()
            try:
                answer = await asyncio.wait_for(child.ask(task, octets), task.wall_s)
            except TimeoutError:
                self._end(child)
                return self._told("limits", "wall time")
            except _NonsenseError:
                self._end(child)
                return self._told("crashed", "nonsense")
            except _DiedError:
                if await self._code_of(child) == -_SIGXCPU:
                    return self._told("limits", "processor time")
                self._told("crashed", "died")
            except BaseException:  # the caller gave up: the child is in the middle of something
                self._end(child)
                raise
            else:
                self._give_back(child, tired=answer.tired)
                return answer
        return "crashed"

    async def close(self) -> None:
        """End all children."""
        if self._timer is not None:
            self._timer.cancel()
        for child in list(self._all):
            self._end(child)
        self._idle.clear()
        await asyncio.gather(*self._reaping, return_exceptions=True)

    def pids(self) -> list[int]:
        """Return the process ids of the children that live."""
        return [child.process.pid for child in self._all]

    # Children

    async def _take(self) -> _Child:
        while self._idle:
            child = self._idle.pop()
            if child.process.returncode is None:
                return child
            self._end(child)
        return await self._start()

    async def _start(self) -> _Child:
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=self._environment, cwd="/"
            )
        except OSError as error:
            raise Unavailable(detail=f"no parsing child: {error.strerror}") from error
        child = _Child(process)
        self._all.add(child)
        try:
            await asyncio.wait_for(child.hear(len(wire.READY)), _START_S)
        except (TimeoutError, _DiedError) as error:
            self._end(child)
            log.event("extraction.failed", error="start")
            raise Unavailable(detail="a parsing child does not come up") from error
        except BaseException:
            self._end(child)
            raise
        return child

    def _give_back(self, child: _Child, *, tired: bool) -> None:
        if tired or child.files >= self._limits.files:
            self._end(child)
            return
        self._idle.append(child)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(self._limits.idle_s, self._end_idle)

    def _end_idle(self) -> None:
        while self._idle:
            self._end(self._idle.pop())

    def _end(self, child: _Child) -> None:
        """Kill it now; its remains are collected later."""
        if child not in self._all:
            return
        self._all.discard(child)
        with suppress(ProcessLookupError):
            child.process.kill()
        task = asyncio.ensure_future(child.process.wait())
        self._reaping.add(task)
        task.add_done_callback(self._reaping.discard)

    async def _code_of(self, child: _Child) -> int:
        """Return the exit code of a child that hung up (negative: the signal)."""
        try:
            code = await asyncio.wait_for(child.process.wait(), _LAST_BREATH_S)
        except TimeoutError:  # it closed the pipe and lives: not ours any more
            code = 0
        self._end(child)
        return code

    # Answers

    def _text(self, answer: wire.Answer, chars: int) -> ExtractedText | None:
        if answer.fault:
            log.event("extraction.failed", error=answer.fault[:200])
        if not answer.has_text:
            return None
        text, complete = answer.text[:chars], not answer.truncated and not answer.problem
        if answer.files:
            text = "\n".join(one.text for one in answer.files if one.text)
        parts = answer.parts or tuple(one.name for one in answer.files[1:])
        return ExtractedText(text, complete, parts, answer.problem, answer.files)

    def _told(self, problem: str, why: str) -> str:
        log.event("extraction.failed", error=why)
        return problem


async def _failed(problem: str, name: str, octets: bytes, *, thorough: bool) -> ExtractedText:
    files: tuple[FileInside, ...] = ()
    if thorough:
        digest = await asyncio.to_thread(hashlib.sha256, octets)
        files = (FileInside(name, "", len(octets), digest.hexdigest(), problem=problem),)
    return ExtractedText("", complete=False, problem=problem, files=files)


def _named(found: ExtractedText | None, name: str) -> ExtractedText | None:
    """Return what is remembered of a file under the name that it has this time."""
    if found is None or not found.files or found.files[0].name == name:
        return found
    first = msgspec.structs.replace(found.files[0], name=name)
    return dataclasses.replace(found, files=(first, *found.files[1:]))


def _is_jpeg(octets: bytes) -> bool:
    return octets.startswith(b"\xff\xd8\xff") and len(octets) <= _MAX_PORTRAIT
