"""CPU seconds of this process and of all that it started, living or ended (Linux: proc(5), /proc/PID/stat)."""

import os
from collections import defaultdict
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
# Positions in /proc/PID/stat after the name in parentheses: parent; user and system ticks, own and of reaped children.
_PARENT, _SPENT = 1, slice(11, 15)


def cpu_seconds(of: int) -> float:
    """Return the CPU seconds of process `of` and of its descendants; a reaped child counts with its parent.

    A descendant whose parent died before it belongs to process 1 and is not seen: a server that makes itself a daemon.
    """
    children: dict[int, list[int]] = defaultdict(list)
    spent: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(entry)):
            process = int(entry.name)
            children[int(fields[_PARENT])].append(process)
            spent[process] = sum(int(ticks) for ticks in fields[_SPENT])
    waiting, total = [of], 0
    while waiting:
        process = waiting.pop()
        total += spent.get(process, 0)
        waiting += children[process]
    return total / _TICKS


def _stat(entry: Path) -> list[str]:
    try:
        return (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:  # ended meanwhile
        return []
