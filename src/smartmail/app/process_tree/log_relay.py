"""Carries the log lines of all processes to stderr, and never lets a reader that sleeps stop the mail.

Each process writes into a pipe of its own. One thread of the supervisor empties the pipes. Whoever writes, the relay to
stderr or a process to its pipe, drops lines when nothing is taken for a while, and tells their octets later.
"""

import os
import select
import selectors
import threading
from collections import deque

RECENT = 3_000
"""Lines that are kept for those who ask what happened of late."""
_PIECE = 65536
_LONGEST_LINE = 64 * 1024
# A pipe takes this much at once or nothing (PIPE_BUF), so that a write after poll() cannot block.
_ATOMIC = 4096
_PATIENCE_MS = 200


class LogPipe:
    """Writes to a descriptor and never waits long: what is not taken in time is dropped. A log stream of a process."""

    def __init__(self, descriptor: int = 2) -> None:
        self._descriptor = descriptor
        self._dropped = 0

    def write(self, text: str) -> int:
        """Log stream: lines as text."""
        self.put(text.encode("utf-8", "replace"))
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""

    def put(self, data: bytes) -> None:
        """Write lines, or drop them when the reader sleeps."""
        if (
            self._dropped
            and self._writable(0)
            and self._put(b'{"event": "log.dropped", "octets": %d}\n' % self._dropped)
        ):
            self._dropped = 0
        for start in range(0, len(data), _ATOMIC):
            piece = data[start : start + _ATOMIC]
            if not self._writable(_PATIENCE_MS if not self._dropped else 0) or not self._put(piece):
                self._dropped += len(piece)

    def _put(self, piece: bytes) -> bool:
        try:
            return os.write(self._descriptor, piece) > 0
        except OSError:
            return False

    def _writable(self, patience_ms: int) -> bool:
        poll = select.poll()
        poll.register(self._descriptor, select.POLLOUT)
        return any(event & select.POLLOUT for _, event in poll.poll(patience_ms))


class LogRelay:
    """Pipes in, stderr out. `write` and `flush` make it the log stream of the supervisor itself."""

    def __init__(self, target: int = 2) -> None:
        self._target = LogPipe(target)
        self._selector = selectors.DefaultSelector()
        self._own_read, self._own_write = os.pipe()
        self._rests: dict[int, bytes] = {}
        self._recent: deque[bytes] = deque(maxlen=RECENT)
        self._keeping = threading.Lock()
        self._add(self._own_read)
        self._thread = threading.Thread(target=self._run, name="log relay", daemon=True)
        self._thread.start()

    def new_pipe(self) -> int:
        """Return the write end for a new process; close it here after the process was started."""
        read, write = os.pipe()
        self._add(read)
        return write

    def write(self, text: str) -> int:
        """Log stream of the supervisor."""
        os.write(self._own_write, text.encode("utf-8", "replace"))
        return len(text)

    def flush(self) -> None:
        """Lines are on their way as soon as they are written."""

    def recent(self) -> list[bytes]:
        """Return the newest lines, oldest first. For any thread."""
        with self._keeping:
            return list(self._recent)

    def close(self) -> None:
        """Carry what is there, then end."""
        os.close(self._own_write)
        self._thread.join(timeout=2)

    def _add(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self._rests[descriptor] = b""
        self._selector.register(descriptor, selectors.EVENT_READ)

    def _run(self) -> None:
        open_ = True
        while open_:
            for key, _ in self._selector.select(1.0):
                open_ = self._read(key.fd) and open_

    def _read(self, descriptor: int) -> bool:
        """Carry whole lines; False when the supervisor's own pipe has ended."""
        try:
            data = os.read(descriptor, _PIECE)
        except BlockingIOError:
            return True
        lines, newline, rest = (self._rests[descriptor] + data).rpartition(b"\n")
        if not data or len(rest) > _LONGEST_LINE:
            lines, newline, rest = lines + newline + rest, b"\n" if rest else b"", b""
        self._rests[descriptor] = rest
        if lines:
            with self._keeping:
                self._recent.extend(lines.split(b"\n"))
        self._target.put(lines + newline)
        if data:
            return True
        self._selector.unregister(descriptor)
        del self._rests[descriptor]
        os.close(descriptor)
        return descriptor != self._own_read
