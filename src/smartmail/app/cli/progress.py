"""Progress of long commands on standard error: a bar with rate and time left, or a line now and then in a log."""

import shutil
import sys
import time
from typing import TextIO

_BAR = 24
_REDRAW_S = 0.1
_LINE_S = 10.0


class Progress:
    """Shows `done` of `total`. Quiet with `shown=False`, for programs that read our output."""

    def __init__(self, what: str, total: float, *, shown: bool = True, stream: TextIO | None = None) -> None:
        self._what = what
        self._total = max(total, 1.0)
        self._stream = stream or sys.stderr
        self._shown = shown
        self._bar = shown and self._stream.isatty()
        self._started = self._last = time.monotonic()
        self._drawn = False

    def told(self, done: float, count: int, unit: str, *, what: str | None = None, total: float | None = None) -> None:
        """Show how far it is: `done` of the total, and how many of what kind."""
        self._what = what or self._what
        self._total = max(total, 1.0) if total is not None else self._total
        now = time.monotonic()
        if self._shown and now - self._last >= (_REDRAW_S if self._bar else _LINE_S):
            self._last = now
            self._write(self._line(min(done / self._total, 1.0), count, unit, now - self._started))

    def _line(self, share: float, count: int, unit: str, passed: float) -> str:
        rate = count / passed if passed else 0.0
        left = f", {_duration(passed / share - passed)} left" if share > 0.005 else ""
        text = f"{share:4.0%} {count:,} {unit}, {rate:,.0f}/s{left}"
        if not self._bar:
            return f"{self._what}: {text.strip()}"
        filled = round(share * _BAR)
        return f"{self._what} [{'█' * filled}{'·' * (_BAR - filled)}] {text}"

    def _write(self, line: str) -> None:
        if self._bar:
            width = shutil.get_terminal_size().columns - 1
            self._stream.write("\r" + line[:width].ljust(width))
            self._drawn = True
        else:
            self._stream.write(line + "\n")
        self._stream.flush()

    def end(self) -> float:
        """Take the bar away; return the seconds since the start."""
        if self._drawn:
            self._stream.write("\r" + " " * (shutil.get_terminal_size().columns - 1) + "\r")
            self._stream.flush()
        return time.monotonic() - self._started


def _duration(seconds: float) -> str:
    whole = int(seconds + 0.5)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60}:{whole % 60:02} min" if whole < 3600 else f"{whole // 3600}:{whole % 3600 // 60:02} h"
