"""Other hosts on this machine: network namespaces of our own, joined to this one by a pair of interfaces.

Addresses are those kept for documentation, so that nobody real is ever reached.
"""

import contextlib
import itertools
import os
import subprocess
from collections.abc import Iterator

_numbers = itertools.count(1)


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True, timeout=30)


@contextlib.contextmanager
def another_host(subnet: int) -> Iterator[tuple[str, str]]:
    """Make a namespace; yield its name and the address under which it reaches this host. `subnet` (0–15) keeps those that
    are there at the same time apart. It has one address of its own: to us all that runs in it is one peer.
    """
    name = f"smt{os.getpid()}x{next(_numbers)}"
    here, there = f"{name[-9:]}h"[-15:], f"{name[-9:]}t"[-15:]
    ours, theirs = f"198.51.100.{16 * subnet + 1}", f"198.51.100.{16 * subnet + 2}"
    _run("ip", "netns", "add", name)
    try:
        _run("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", name)
        _run("ip", "addr", "add", f"{ours}/28", "dev", here)
        _run("ip", "link", "set", here, "up")
        _run("ip", "-n", name, "addr", "add", f"{theirs}/28", "dev", there)
        _run("ip", "-n", name, "link", "set", there, "up")
        yield name, ours
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            _run("ip", "link", "del", here)
        _run("ip", "netns", "del", name)
