"""Log façade: events with stable dotted names out of one closed catalogue, as JSON lines on stderr.

Fields are ids, addresses, counts and codes; never a subject, a name or content (docs/architecture.md, keys).
Pure layers do not import this module: they return events and explanations.
"""

import json
import sys
from datetime import UTC, datetime
from typing import TextIO

from smartmail.base.events import EVENTS, Level

_THRESHOLD = {"debug": 0, "info": 1, "warning": 2, "error": 3}


class _Sink:
    """Where lines go; replaced by tests and by the supervisor."""

    def __init__(self) -> None:
        self.stream: TextIO = sys.stderr
        self.threshold: Level = "info"
        self.process = ""


_sink = _Sink()


def configure(*, stream: TextIO | None = None, threshold: Level = "info", process: str = "") -> None:
    """Choose stream, threshold and the process name that every line carries."""
    _sink.stream = stream or sys.stderr
    _sink.threshold = threshold
    _sink.process = process


def event(name: str, **fields: object) -> None:
    """Write one event. Raises KeyError for a name that the catalogue does not have."""
    level = EVENTS[name].level
    if _THRESHOLD[level] < _THRESHOLD[_sink.threshold]:
        return
    line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "level": level, "event": name}
    if _sink.process:
        line["process"] = _sink.process
    # json escapes CR, LF and other controls, so that no peer can forge a line.
    text = json.dumps({**line, **fields}, ensure_ascii=False, default=str)
    try:
        _sink.stream.write(text + "\n")
        _sink.stream.flush()
    except (OSError, ValueError):
        # A closed or full log must never stop mail.
        return
