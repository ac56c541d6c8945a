"""Log façade: events with stable dotted names out of one closed catalogue, as JSON lines on stderr.

Fields are ids, addresses, counts and codes; never a subject, a name or content.
Pure layers do not import this module: they return events and explanations.
"""

import atexit
import json
import sys
import threading
from datetime import UTC, datetime
from typing import TextIO

import msgspec

from smartmail.base.events import EVENTS, Level

_THRESHOLD = {"debug": 0, "info": 1, "warning": 2, "error": 3}
_URGENT = _THRESHOLD["warning"]
# CR, LF and other controls become escapes, so that no peer can forge a line.
_ENCODER = msgspec.json.Encoder(enc_hook=str)


class _Sink:
    """Where lines go; replaced by tests and by the supervisor.

    A write of its own for each line would wake its reader for each: with `hold_s` lines wait that long for others.
    """

    def __init__(self) -> None:
        self.stream: TextIO = sys.stderr
        self.threshold: Level = "info"
        self.process = ""
        self.hold_s = 0.0
        self._lock = threading.RLock()  # a signal handler may log too
        self._held: list[str] = []
        self._wanted = threading.Event()
        self._hurry = threading.Event()
        self._writer: threading.Thread | None = None

    def put(self, line: str, *, urgent: bool) -> None:
        """Take a line; write it and all before it now if it is urgent or nothing is held back."""
        with self._lock:
            self._held.append(line)
            if urgent or not self.hold_s:
                self._write()
            elif len(self._held) == 1:
                self._write_soon()

    def flush(self) -> None:
        """Write what is held back."""
        with self._lock:
            self._write()

    def finish(self) -> None:
        """Write what is held back, and hold nothing for as long as it was meant to be."""
        self.flush()
        self._hurry.set()

    def _write(self) -> None:
        text, self._held = "".join(self._held), []
        try:
            self.stream.write(text)
            self.stream.flush()
        except (OSError, ValueError):
            # A closed or full log must never stop mail.
            return

    def _write_soon(self) -> None:
        # One thread for all times: to start one makes whoever logs wait until it runs.
        if self._writer is None:
            self._writer = threading.Thread(target=self._write_held, name="log", daemon=True)
            self._writer.start()
        self._hurry.clear()
        self._wanted.set()

    def _write_held(self) -> None:
        while self._wanted.wait():
            self._wanted.clear()
            if not self._hurry.wait(self.hold_s):
                self.flush()


_sink = _Sink()
atexit.register(_sink.flush)


def configure(
    *, stream: TextIO | None = None, threshold: Level = "info", process: str = "", hold_s: float = 0.0
) -> None:
    """Choose stream, threshold and the process name that every line carries.

    Lines below a warning may wait `hold_s` seconds for others; a process that is killed loses those.
    """
    _sink.finish()
    _sink.stream = stream or sys.stderr
    _sink.threshold = threshold
    _sink.process = process
    _sink.hold_s = hold_s


def flush() -> None:
    """Write the lines that still wait. Call it before the process ends without the interpreter's own end."""
    _sink.flush()


def event(name: str, **fields: object) -> None:
    """Write one event. Raises KeyError for a name that the catalogue does not have."""
    level = EVENTS[name].level
    if _THRESHOLD[level] < _THRESHOLD[_sink.threshold]:
        return
    line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "level": level, "event": name}
    if _sink.process:
        line["process"] = _sink.process
    _sink.put(_printable(_as_json({**line, **fields})) + "\n", urgent=_THRESHOLD[level] >= _URGENT)


def _as_json(line: dict[str, object]) -> str:
    try:
        return msgspec.json.format(_ENCODER.encode(line), indent=0).decode()
    except (ValueError, OverflowError):
        # Half a surrogate pair out of somebody's octets, or a number of more than 64 bits.
        return json.dumps(line, ensure_ascii=False, default=str)


def _printable(text: str) -> str:
    """Escape what JSON leaves as it is and a reader may take for a line end, a command or another order of letters.

    U+0085 and U+2028 end lines for some readers, C1 controls steer terminals, bidi controls reorder what is shown, and
    half a surrogate pair would make the write fail, so that its sender could keep a line out of the log.
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text)
