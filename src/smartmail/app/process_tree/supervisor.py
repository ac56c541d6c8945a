"""The supervisor: binds the ports, starts the processes of the node, and brings back what dies or hangs.

NAME        supervisor
PURPOSE     Keeps the planned processes running over listening sockets that it holds for them.
STATES      starting → serving → draining → stopped
STRATEGIES  A dead process is started again at once; one that gave no heartbeat for 5 s is killed first. One that starts
            may be silent for longer, unless a signal has stopped it; if it dies it is tried again with growing pauses.
LIMITS      Sessions get `drain_s` seconds at a stop, then the processes are killed.
FAILURE     When it dies itself, its children end with it (they hold a socket to it, and on Linux a death signal),
            so that the launcher can start a new one on the same ports within seconds.
SECURITY    Parses nothing that comes from outside.
"""

import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import FrameType

from smartmail.adapters import versions
from smartmail.adapters.serving import ServingWriter
from smartmail.app.process_tree.child import DEFAULT_ENTRY, Child
from smartmail.app.process_tree.listening import write_down
from smartmail.app.process_tree.log_relay import LogRelay
from smartmail.app.process_tree.process_door import ProcessDoor
from smartmail.app.process_tree.renaming import Renaming
from smartmail.app.process_tree.template import Template, reap_orphans
from smartmail.app.roles import plan
from smartmail.app.settings import Settings
from smartmail.app.tls import certificates
from smartmail.app.worker_context import CannotStartError
from smartmail.base import log

_TURN_S = 0.25
# Our own delay must not be blamed on the children: after a turn this late every child gets a new start.
_LATE_TURN_S = 2.0
_GIVE_UP_AFTER = 3
SHOW_S = 0.25
"""How old what the door tells may be: readiness must see a process that hangs before it is replaced (service.operations.health)."""
_CHOICE_S = 1.0
VERSIONS = "versions"
SWITCH = 76
"""Exit code: the launcher starts the version that is chosen now (tools/launcher/versions.py)."""
SERVING = "serving"
"""Folder of the data directory in which stands what served when."""
_CERTIFICATE_CHECK_S = 6 * 3600.0
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Supervisor:
    """One node's process tree. `run` returns the exit code."""

    def __init__(
        self,
        settings: Settings,
        listeners: Mapping[str, list[socket.socket]],
        on_ready: Callable[[], None],
        entry: str = DEFAULT_ENTRY,
        template: Template | None = None,
    ) -> None:
        self._settings = settings
        self._template = template or Template(entry, wanted=settings.file.template)
        self._listeners = listeners
        self._on_ready = on_ready
        self._relay = LogRelay()
        self._serving = ServingWriter(os.path.join(settings.directory, SERVING))
        self._hung_since: int | None = None
        self._versions = os.path.join(settings.directory, VERSIONS)
        self._next_choice = 0.0
        self._switching = False
        self._selector = selectors.DefaultSelector()
        self._children = [
            Child(process, settings, listeners, entry) for process in plan(settings.roles, settings.file.processes)
        ]
        self._renaming = Renaming(self._children)
        self._was_ready = False
        self._heartbeat: int | None = None
        self._door: ProcessDoor | None = None
        self._next_show = 0.0
        self._deadline = 0.0  # of the drain; 0 while serving
        self._signals: list[int] = []
        self._next_certificate_check = time.monotonic() + _CERTIFICATE_CHECK_S

    def run(self, lifeline: int | None = None, heartbeat: int | None = None) -> int:
        """Serve until a stop is asked or `lifeline` (a descriptor held by the launcher) ends.

        An octet goes to `heartbeat` every turn, so that the launcher notices when we hang.
        """
        self._heartbeat = heartbeat
        log.configure(stream=self._relay, threshold="info", process="supervisor")  # type: ignore[arg-type]
        self._tell_listeners()
        self._watch_signals()
        self._serving.begin()
        self._door = ProcessDoor(os.path.join(self._settings.directory, "run"), self._relay.recent)
        write_down(self._settings.directory, self._listeners)
        if lifeline is not None:
            self._selector.register(lifeline, selectors.EVENT_READ, "lifeline")
        try:
            return self._serve()
        finally:
            self._serving.end()
            self._kill_all()
            self._template.close()
            self._door.close()
            log.event("process.stopped")
            self._relay.close()

    def _serve(self) -> int:
        if self._template.channel is not None:
            self._selector.register(self._template.channel, selectors.EVENT_READ, self._template)
        last_turn, patience_s = time.monotonic(), 0.0  # the first turn starts everything
        while True:
            for key, _ in self._selector.select(patience_s):
                self._dispatch(key)
            now, patience_s = time.monotonic(), _TURN_S
            if now - last_turn > _LATE_TURN_S:
                self._forgive(now)
            last_turn = now
            self._beat()
            self._obey_signals(now)
            self._obey_wishes(now)
            self._keep_template(now)
            self._judge(now)
            self._note_serving()
            self._obey_choice(now)
            self._apply_names(now)
            if self._deadline:
                if self._drained(now):
                    return SWITCH if self._switching else 0
            elif self._hopeless():
                return 1

    def _beat(self) -> None:
        if self._heartbeat is not None:
            with suppress(OSError):  # full: the launcher sleeps; gone: the lifeline tells
                os.write(self._heartbeat, b".")

    def _obey_choice(self, now: float) -> None:
        """Make way for another version of the program where one is chosen; whoever started us starts it."""
        if self._deadline or now < self._next_choice or os.environ.get(versions.RUNNING) is None:
            return
        self._next_choice = now + _CHOICE_S
        wanted = versions.chosen(self._versions)
        if wanted != os.environ[versions.RUNNING]:
            log.event("update.switching", version=wanted)
            self._switching = True
            self._begin_drain(now, limit_s=self._settings.file.drain_s)

    def _apply_names(self, now: float) -> None:
        """Serve under other host names where an administrator has set them: processes start with them one after the other."""
        if self._deadline or not self._was_ready:
            return
        settings = self._renaming.look(self._settings, now)
        if settings is not None:
            self._settings = settings
            self._renew()
        self._renaming.go_on(now, self._settings.file.drain_s)

    def _note_serving(self) -> None:
        """Write down what is served: each role that at least one process is ready for."""
        ready = [] if self._deadline else [one for one in self._children if one.is_ready and not one.leave_by]
        # One that hung has not served since it was last heard.
        self._serving.serving({role for one in ready for role in one.plan.roles}, at=self._hung_since)
        self._hung_since = None
        self._serving.mark()

    # Events

    def _tell_listeners(self) -> None:
        for name, sockets in self._listeners.items():
            for sock in sockets:
                address, port = sock.getsockname()[:2]
                log.event("listener.bound", listener=name, address=address, port=port)

    def _watch_signals(self) -> None:
        wake_read, wake_write = socket.socketpair()
        for end in (wake_read, wake_write):
            end.setblocking(False)
        signal.set_wakeup_fd(wake_write.fileno(), warn_on_full_buffer=False)
        self._wake = (wake_read, wake_write)
        for number in (*_STOP_SIGNALS, signal.SIGHUP):
            signal.signal(number, self._note_signal)
        self._selector.register(wake_read, selectors.EVENT_READ, "wake")

    def _note_signal(self, number: int, frame: FrameType | None) -> None:
        self._signals.append(number)

    def _dispatch(self, key: selectors.SelectorKey) -> None:
        if isinstance(key.data, Child):
            if not key.data.hear():
                self._ended(key.data)
        elif key.data is self._template:
            self._hear_template()
        elif key.data == "wake":
            with suppress(BlockingIOError):
                self._wake[0].recv(4096)
        else:
            # The launcher is gone: nobody would bring us back, and its owner believes that we are down.
            self._selector.unregister(key.fd)
            self._begin_drain(time.monotonic(), limit_s=1.0)

    def _obey_signals(self, now: float) -> None:
        numbers, self._signals = self._signals, []
        for number in numbers:
            if number == signal.SIGHUP:
                self._reload()
            elif not self._deadline:
                self._begin_drain(now, limit_s=self._settings.file.drain_s)

    def _obey_wishes(self, now: float) -> None:
        """Show how all are, and let those start anew that somebody asked for."""
        if self._door is None:
            return
        if now >= self._next_show:
            self._show_processes(now)
        for name in self._door.wishes():
            for child in self._children:
                if child.plan.name == name and not self._deadline:
                    log.event("process.restarting", process_=name)
                    child.start_anew(now, self._settings.file.drain_s)
                    self._next_show = 0.0

    def _show_processes(self, now: float) -> None:
        self._next_show = now + SHOW_S
        if self._door is not None:
            self._door.show([child.row(now) for child in self._children])

    def _reload(self) -> None:
        try:
            certificates.ensure(self._settings)
        except CannotStartError as error:
            log.event("process.failed", error=str(error))
        for child in self._children:
            child.signal(signal.SIGHUP)

    # The template

    def _keep_template(self, now: float) -> None:
        """Have a template to fork from; without one all goes on, and starts take longer."""
        if not self._template.is_due(now) or self._deadline:
            return
        try:
            self._template.start()
        except OSError as error:
            log.event("process.failed", process_="template", error=error.strerror)
            self._template.ended(now)
            return
        self._selector.register(self._template.channel, selectors.EVENT_READ, self._template)  # type: ignore[arg-type]

    def _hear_template(self) -> None:
        if self._template.hear():
            return
        self._selector.unregister(self._template.channel)  # type: ignore[arg-type]
        now = time.monotonic()
        code = self._template.ended(now)
        if not self._deadline:
            ready_in_s = round(self._template.restart_at - now, 2)
            log.event("process.died", process_="template", code=code, ready_in_s=ready_in_s)

    # Children

    def _start(self, child: Child) -> None:
        pipe = self._relay.new_pipe()
        try:
            child.start(pipe, self._template)
        except OSError as error:  # out of processes or memory: try again later
            log.event("process.failed", process_=child.plan.name, error=error.strerror)
            child.plan_restart(time.monotonic())
            return
        finally:
            os.close(pipe)
        assert child.channel is not None
        self._selector.register(child.channel, selectors.EVENT_READ, child)

    def _ended(self, child: Child) -> None:
        if child.channel is not None:
            self._selector.unregister(child.channel)
        code = child.reap()
        now = time.monotonic()
        wanted, child.leave_by = bool(child.leave_by), 0.0
        child.plan_restart(now, wanted=wanted)
        if self._deadline or wanted:
            return
        log.event("process.died", process_=child.plan.name, code=code, ready_in_s=round(child.restart_at - now, 2))

    def _judge(self, now: float) -> None:
        reap_orphans({self._template.pid, *(child.pid for child in self._children)})
        may_start = not self._deadline and not self._template.is_awaited(now)
        for child in self._children:
            if child.leave_by and now > child.leave_by:
                child.kill()
                self._ended(child)
            if child.is_hung(now):
                log.event("process.hung", process_=child.plan.name, pid=child.pid)
                self._hung_since = int((time.time() - (now - child.last_beat)) * 1000)
                child.kill()
                self._ended(child)
            if not child.is_running and may_start and now >= child.restart_at and not self._hopeless():
                self._start(child)
        if not self._was_ready and all(child.is_ready for child in self._children):
            self._announce(now)
        if now >= self._next_certificate_check and not self._deadline:
            self._next_certificate_check = now + _CERTIFICATE_CHECK_S
            self._renew()

    def _announce(self, now: float) -> None:
        """Say that all serve; from then on readiness tells of the processes as they are now."""
        self._was_ready = True
        versions.note_healthy(self._versions)
        self._show_processes(now)
        self._on_ready()

    def _renew(self) -> None:
        try:
            if certificates.ensure(self._settings):
                self._reload()
        except CannotStartError as error:
            log.event("process.failed", error=str(error))

    def _forgive(self, now: float) -> None:
        for child in self._children:
            child.last_beat = now

    def _hopeless(self) -> bool:
        """Whether the first start fails again and again; once it has served, a node never gives up."""
        return not self._was_ready and any(child.failed_starts >= _GIVE_UP_AFTER for child in self._children)

    # Stopping

    def _begin_drain(self, now: float, *, limit_s: float) -> None:
        self._deadline = now + limit_s + 1.0  # the processes keep to the limit themselves
        for sockets in self._listeners.values():
            for sock in sockets:
                sock.close()
        for child in self._children:
            child.signal(signal.SIGTERM)

    def _drained(self, now: float) -> bool:
        return now > self._deadline or not any(child.is_running for child in self._children)

    def _kill_all(self) -> None:
        for child in self._children:
            child.kill()
        for child in self._children:
            if child.is_running:
                child.reap()


def say(text: str) -> None:
    """Print for the person or script that started us; a closed stdout is no reason to stop."""
    with suppress(OSError, ValueError):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
