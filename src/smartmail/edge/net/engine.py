"""Drives a sans-I/O engine over a wire: octets in, events to a handler in order, octets out.

NAME      EngineProtocol
PURPOSE   The base of every mail protocol's driver. An idle session costs no task: events whose handler returns
          None are handled inside the read callback, and a task lives only while a handler awaits.
STATES    idle (no task) ⇄ working (one task) → closing → lost
LIMITS    While working, one piece of input at most is kept (reading pauses then); output above the wire's high
          water stops the next event until the peer has read.
FAILURE   An error of a handler is logged, `failed` may say goodbye, and the connection ends; others live on.
SECURITY  `start_tls` drops input that came in clear after the command (RFC 3207 §4.2, RFC 9051 §11.1).
STANDARDS AR-7.
"""

import asyncio
import ssl
import sys
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from types import CoroutineType, coroutine
from typing import Any, Generic, Literal, Protocol, TypeVar

from smartmail.base import log
from smartmail.edge.net.peer import Peer, TlsInfo
from smartmail.edge.net.wire import Wire

EventT_co = TypeVar("EventT_co", covariant=True)
EventT = TypeVar("EventT")


class Engine(Protocol[EventT_co]):
    """The part of the engine contract that the driver needs; replies are the subclass's business."""

    @property
    def deadline_s(self) -> float | None:
        """Seconds that the peer may be silent in the current state; None for ever."""

    def receive_data(self, data: bytes) -> None:
        """Take octets of the peer."""

    def next_event(self) -> EventT_co | None:
        """Return the next event, or None when more octets are needed."""

    def data_to_send(self) -> bytes:
        """Return and forget what must be sent now."""


class PeerGoneError(ConnectionError):
    """The peer went away while a handler waited to send; the handler should end quietly."""


class EngineProtocol(Generic[EventT]):
    """Base class. A subclass sets `engine` in `begin` (or before) and implements `handle`.

    Hooks, all called from the event loop: `begin`, `handle`, `deadline_passed`, `failed`, `may_stop`, `say_goodbye`,
    `finished`. `begin` and `handle` return None when done at once, or an awaitable that is run in a task; the
    next event is taken when it is done.
    """

    engine: Engine[EventT]
    wire: Wire

    def __init__(self) -> None:
        self.is_working = False  # a handler runs right now, in the pump or in the task
        self._task: asyncio.Task[None] | None = None
        self._progress = False  # an event was handled since the deadline was armed
        self._held: list[bytes] = []  # input that came while working
        self._jobs: deque[Callable[[], Awaitable[None] | None]] = deque()
        self._room: asyncio.Future[None] | None = None  # set while the peer does not read
        self._peer_ended = False
        self._stop_asked = False
        self.is_lost = False
        self.octets_in = 0

    # Hooks

    def begin(self) -> Awaitable[None] | None:
        """The connection is open: make the engine, greet."""
        return None

    def handle(self, event: EventT) -> Awaitable[None] | None:
        """Answer one event through the engine. What the engine then has to send is sent afterwards."""
        raise NotImplementedError

    def deadline_passed(self) -> None:
        """The peer was silent for too long: say so through the engine. The connection is closed afterwards."""

    def failed(self, error: Exception) -> None:
        """A handler raised: say so through the engine. The connection is closed afterwards."""

    def may_stop(self) -> bool:
        """Whether a drain may end the session now; False keeps it until the next event is answered."""
        return True

    def say_goodbye(self) -> None:
        """The process drains: say so through the engine. The connection is closed afterwards."""

    def tls_started(self) -> None:
        """The handshake after `start_tls` is done. Tell the engine here if it wants to know."""

    def finished(self) -> None:
        """The connection is gone and no handler runs: release what the session holds."""

    def feed(self, data: bytes) -> bytes:
        """Give octets of the peer to the engine; return what has to wait until it has handled those (RFC 4978: a small
        piece may unfold to a large one).
        """
        self.engine.receive_data(data)
        return b""

    # What handlers use

    @property
    def peer(self) -> Peer:
        """The other end, after PROXY."""
        return self.wire.peer

    @property
    def spoke_meanwhile(self) -> bool:
        """Whether the peer sent something while the handler that asks was at work."""
        return bool(self._held)

    @property
    def tls(self) -> TlsInfo | None:
        """What TLS agreed on, or None in clear."""
        return self.wire.tls

    def flush(self) -> None:
        """Send what the engine has to send."""
        self.wire.write(self.engine.data_to_send())

    async def drained(self) -> None:
        """Send, then wait until the peer has read enough for more. Raises PeerGoneError when it went away."""
        self.flush()
        if self._room is not None:
            await asyncio.shield(self._room)
        if self.is_lost or self.wire.is_closing:
            raise PeerGoneError

    def run(self, job: Callable[[], Awaitable[None] | None]) -> None:
        """Run `job` between two events: at once when idle, else after the current handler."""
        if self.is_lost:
            return
        self._jobs.append(job)
        if not self.is_working:
            self._pump()

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Send the go-ahead that the engine holds and begin TLS in the same step."""
        self._held.clear()
        self.flush()
        self.wire.start_tls(context)

    def close(self) -> None:
        """Send what the engine has to send and end the session."""
        if self.is_lost:
            return
        self.flush()
        self.wire.close()

    # Upper

    def opened(self, wire: Wire) -> None:
        self.wire = wire
        self._jobs.append(self.begin)
        self._pump()

    def received(self, data: bytes) -> None:
        self.octets_in += len(data)
        if not self.is_working and self._room is None and not self._held:
            rest = self.feed(data)
            if rest:
                self._held.append(rest)
                self.wire.pause_reading()
            self._pump()
        else:
            self._held.append(data)
            self.wire.pause_reading()

    def secured(self) -> None:
        self.tls_started()
        self._progress = True
        if not self.is_working:
            self._settle()

    def ended(self) -> None:
        self._peer_ended = True
        if not self.is_working and self._room is None:
            self.close()

    def lost(self) -> None:
        self.is_lost = True
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        self._room = None
        if not self.is_working:
            self.finished()

    def write_paused(self) -> None:
        self._room = asyncio.get_running_loop().create_future()

    def write_resumed(self) -> None:
        room, self._room = self._room, None
        if room is not None and not room.done():
            room.set_result(None)
        self._progress = True
        if not self.is_working:
            self._pump()

    def timed_out(self) -> None:
        if self._room is not None:
            self.wire.abort()  # it does not read: no words would reach it
        elif not self.is_working:
            self.deadline_passed()
            self.close()
        # While a handler works the silence is ours; `_settle` arms the deadline anew.

    def stop(self) -> None:
        self._stop_asked = True
        if not self.is_working:
            self._settle()

    # The pump

    def _next(self) -> Awaitable[None] | Literal[False] | None:
        """Handle one job or event: False when there is none, else what its handler returned."""
        if self._jobs:
            self._progress = True
            return self._jobs.popleft()()
        event = self.engine.next_event()
        while event is None and self._held and not self.wire.is_closing:
            rest = self.feed(b"".join(self._held))
            self._held = [rest] if rest else []
            if not rest:
                self.wire.resume_reading()
            event = self.engine.next_event()
        if event is None:
            return False
        self._progress = True
        return self.handle(event)

    def _pump(self) -> None:
        """Handle what is there until a handler must wait, the peer does not read, or nothing is left."""
        self.is_working = True
        try:
            while self._room is None and not self.wire.is_closing:
                waiting = self._next()
                if waiting is False:
                    self.flush()  # an engine also answers by itself, without an event
                    break
                if waiting is not None:
                    self._start(waiting)
                    return
        except Exception as error:
            self._fail(error)
        self.is_working = False
        self._settle()

    def _start(self, waiting: Awaitable[None]) -> None:
        # Most handlers wait for nothing: a task that begins at once then ends here, without a turn of the loop.
        task = _begun(self._work(waiting), asyncio.get_running_loop())
        if not task.done():
            self._task = task

    async def _work(self, waiting: Awaitable[None]) -> None:
        """The task of a pump that met a handler which awaits; it goes on where the pump stopped."""
        try:
            await self._finish(waiting)
            await self._work_on()
        except PeerGoneError:
            pass
        except Exception as error:
            self._fail(error)
        finally:
            self._task = None
            self.is_working = False
        if self.is_lost:
            self.finished()
        else:
            self._settle()

    async def _work_on(self) -> None:
        while not (self.is_lost or self.wire.is_closing):
            if self._room is not None:
                await self.drained()
            following = self._next()
            if following is False:
                self.flush()
                return
            if following is not None:
                await self._finish(following)

    async def _finish(self, waiting: Awaitable[None]) -> None:
        """Await a handler. What earlier events left is sent only if it really waits, so that the answers to
        pipelined commands leave in one write (RFC 2920 §3.2).
        """
        if not isinstance(waiting, CoroutineType):
            self.flush()
            await waiting
            return
        try:
            waits_for = waiting.send(None)
        except StopIteration:
            return
        self.flush()
        await _resume(waiting, waits_for)

    def _settle(self) -> None:
        """The session is idle: end it if it should, else say how long the peer may be silent."""
        if self.is_lost or self.wire.is_closing or self._room is not None:
            return
        if self._peer_ended:
            self.close()
        elif self._stop_asked and self.may_stop():
            self.say_goodbye()
            self.close()
        elif self._progress and self.wire.is_ready:
            # Octets that complete no event do not count: a command that trickles in has one deadline in all.
            self._progress = False
            self.wire.arm(self.engine.deadline_s)

    def _fail(self, error: Exception) -> None:
        place = traceback.extract_tb(error.__traceback__)[-1:]
        log.event(
            "connection.failed",
            peer=self.peer.host,
            error=type(error).__name__,
            where=f"{place[0].filename}:{place[0].lineno}" if place else "",
        )
        if self.is_lost:
            return
        try:
            self.failed(error)
            self.close()
        except Exception:
            self.wire.abort()


def _begun(work: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop) -> asyncio.Task[None]:
    """Return a task that has run up to its first wait already (Python 3.11: that begins with the next turn)."""
    if sys.version_info >= (3, 12):
        return asyncio.Task(work, loop=loop, eager_start=True)
    return loop.create_task(work)


@coroutine
def _resume(started: "CoroutineType[Any, Any, None]", waits_for: Any) -> Generator[Any, Any, None]:
    """Go on with a coroutine that was stepped once by hand; `waits_for` is what it yielded."""
    while True:
        thrown: BaseException | None = None
        try:
            yield waits_for
        except GeneratorExit:
            started.close()
            raise
        except BaseException as error:
            thrown = error
        try:
            waits_for = started.send(None) if thrown is None else started.throw(thrown)
        except StopIteration:
            return
