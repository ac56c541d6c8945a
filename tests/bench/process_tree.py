"""What a server's processes have used: CPU seconds and memory of trees of processes, from /proc."""

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def tree(roots: Iterable[int]) -> list[int]:
    """Return the roots and all their living descendants, each once."""
    found: dict[int, None] = {}
    waiting = list(roots)
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found[pid] = None
            waiting += _children(pid)
    return list(found)


def _children(pid: int) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):
                yield from map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())


def with_word(roots: Iterable[int], word: str) -> list[int]:
    """Return those processes of the trees whose command line has a word."""
    found = []
    for pid in tree(roots):
        with contextlib.suppress(OSError):
            if word.encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                found.append(pid)
    return found


def cpu_seconds(roots: Iterable[int]) -> float:
    """Return user and system time of all processes of the trees, those included that have ended already.

    A process that ended counts once its parent has waited for it.
    """
    ticks = 0
    for pid in tree(roots):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / _TICK


def proportional_kib(roots: Iterable[int]) -> int:
    """Return the memory of the trees in KiB; pages that processes share count once (PSS)."""
    total = 0
    for pid in tree(roots):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total
