"""The supervisor's record of what served when: lines of JSON in a file for each month, and a mark that it is alive.

STRATEGIES  A line is written when a service begins or ceases to serve. The mark is overwritten in place twice a second: when
            the supervisor itself is killed, what served until then ceased at its last mark. It notes that when it comes back;
            a reader meanwhile sees it by itself.
LIMITS      A file is some hundred lines a month; KEPT months are kept.
FAILURE     A disk that takes no line leaves the record behind and never stops the supervisor. A line cut off is passed over.
SECURITY    Names of roles and times only.
"""

import json
import os
import re
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from smartmail.domain.serving import Change

KEPT: Final = 62
STALE_MS: Final = 5_000
"""Without a mark for so long it is not alive: it marks twice a second, but a busy machine may make it wait."""
_MARK_EVERY_MS: Final = 500
_ALIVE: Final = "alive"
_FILE: Final = re.compile(r"[0-9]{4}-[0-9]{2}\.jsonl")
_MARK_OCTETS: Final = 16


def _now() -> int:
    return time.time_ns() // 1_000_000


class ServingWriter:
    """Writes the record. Used by the supervisor alone."""

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self._up: set[str] = set()
        self._mark: int | None = None
        self._marked_at = 0

    def begin(self) -> None:
        """Open the record; note what ceased to serve when the last supervisor died."""
        with suppress(OSError):
            os.makedirs(self._directory, mode=0o700, exist_ok=True)
            alive = _alive_until(self._directory)
            for service in sorted(_last_up(read(self._directory))):
                # Without a mark the last line is the last that is known of it.
                self._line(alive or _now(), service, up=False)
            self._forget()
            self._mark = os.open(os.path.join(self._directory, _ALIVE), os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        self.mark()

    def serving(self, services: Collection[str], *, at: int | None = None) -> None:
        """Note which services are served from now on; `at`: what is gone has been so since then."""
        wanted = set(services)
        for service in sorted(self._up - wanted):
            self._line(at or _now(), service, up=False)
        for service in sorted(wanted - self._up):
            self._line(_now(), service, up=True)
        self._up = wanted

    def mark(self) -> None:
        """Say that we are alive."""
        now = _now()
        if self._mark is None or 0 <= now - self._marked_at < _MARK_EVERY_MS:
            return
        self._marked_at = now
        with suppress(OSError):
            os.pwrite(self._mark, b"%0*d\n" % (_MARK_OCTETS - 1, now), 0)

    def end(self) -> None:
        """Note that nothing is served any more."""
        self.serving(())
        if self._mark is not None:
            os.close(self._mark)
            self._mark = None
        with suppress(OSError):
            os.unlink(os.path.join(self._directory, _ALIVE))

    def _line(self, at: int, service: str, *, up: bool) -> None:
        month = datetime.fromtimestamp(_now() / 1000, UTC).strftime("%Y-%m")
        line = json.dumps({"at": at, "service": service, "up": up}).encode() + b"\n"
        with suppress(OSError):
            path = os.path.join(self._directory, f"{month}.jsonl")
            file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                os.write(file, line)
            finally:
                os.close(file)

    def _forget(self) -> None:
        for name in _files(self._directory)[:-KEPT]:
            os.unlink(os.path.join(self._directory, name))


class ServingFiles:
    """ports.serving.ServingRecord over the files."""

    def __init__(self, directory: str) -> None:
        self._directory = directory

    def changes(self, until: int) -> Sequence[Change]:
        found = [one for one in read(self._directory) if one.at < until]
        alive = _alive_until(self._directory)
        if alive is not None and _now() - alive > STALE_MS:
            found += [Change(alive, service, up=False) for service in sorted(_last_up(found))]
        return found


def read(directory: str) -> list[Change]:
    """Return all lines in the order of their times."""
    found = []
    for name in _files(directory):
        with suppress(OSError), open(os.path.join(directory, name), "rb") as file:
            for line in file:
                with suppress(ValueError, KeyError, TypeError):
                    one = json.loads(line)
                    found.append(Change(int(one["at"]), str(one["service"]), bool(one["up"])))
    # Lines of one moment stay in the order in which they were written.
    return sorted(found, key=lambda one: one.at)


def _last_up(changes: Sequence[Change]) -> set[str]:
    state = {one.service: one.up for one in changes}
    return {service for service, up in state.items() if up}


def _alive_until(directory: str) -> int | None:
    try:
        with open(os.path.join(directory, _ALIVE), "rb") as file:
            return int(file.read(_MARK_OCTETS))
    except (OSError, ValueError):
        return None


def _files(directory: str) -> list[str]:
    try:
        return sorted(name for name in os.listdir(directory) if _FILE.fullmatch(name))
    except OSError:
        return []
