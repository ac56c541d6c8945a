"""Several machines on one switch: network namespaces of our own with addresses kept for documentation, seen by nobody else.

Hosts have their addresses on an interface `eth0`, as guides write it, and every port is free in each of them.
"""

import contextlib
import ctypes
import itertools
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

_Result = TypeVar("_Result")
_LIBRARY = ctypes.CDLL(None, use_errno=True)
_NETWORK = 0x40000000
"""CLONE_NEWNET of setns(2)."""
_PATIENCE_S = 60.0
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Host:
    """A machine: the name of its namespace and its first address."""

    name: str
    address: str

    def inside(self, call: Callable[..., _Result], *arguments: object) -> _Result:
        """Call something on this machine, in a thread: sockets, processes and threads that it makes belong to the machine."""
        with ThreadPoolExecutor(1) as threads:
            return threads.submit(self._inside, call, *arguments).result()

    def _inside(self, call: Callable[..., _Result], *arguments: object) -> _Result:
        descriptor = os.open(f"/run/netns/{self.name}", os.O_RDONLY)
        try:
            if _LIBRARY.setns(descriptor, _NETWORK) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        finally:
            os.close(descriptor)
        return call(*arguments)

    def addresses(self) -> str:
        """Return what the kernel says of the addresses of `eth0`."""
        return _run("ip", "-n", self.name, "-br", "addr", "show", "dev", "eth0")


def _run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=60).stdout


@contextlib.contextmanager
def switched(network: str, hosts: dict[str, tuple[int, ...]]) -> Iterator[dict[str, Host]]:
    """Make hosts, name → last numbers of their addresses in `network` ("192.0.2"), and join them by a switch."""
    mark = f"sms{os.getpid()}x{next(_numbers)}"
    switch = f"{mark}-switch"
    made: list[str] = []
    try:
        for name in (switch, *(f"{mark}-{name}" for name in hosts)):
            _run("ip", "netns", "add", name)
            made.append(name)
        _run("ip", "-n", switch, "link", "add", "bridge", "type", "bridge", "mcast_snooping", "0")
        _run("ip", "-n", switch, "link", "set", "bridge", "up")
        for place, (name, numbers) in enumerate(hosts.items()):
            _join(switch, f"{mark}-{name}", place, [f"{network}.{number}/24" for number in numbers])
        _wait_until_joined(switch, len(hosts))
        yield {name: Host(f"{mark}-{name}", f"{network}.{numbers[0]}") for name, numbers in hosts.items()}
    finally:
        for name in made:
            _run("ip", "netns", "del", name)


def _join(switch: str, name: str, place: int, addresses: list[str]) -> None:
    port = f"port{place}"
    _run("ip", "-n", switch, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", name)
    _run("ip", "-n", switch, "link", "set", port, "master", "bridge", "up")
    _run("ip", "-n", name, "link", "set", "lo", "up")
    _run("ip", "-n", name, "link", "set", "eth0", "up")
    for address in addresses:
        _run("ip", "-n", name, "addr", "add", address, "dev", "eth0")


def _wait_until_joined(switch: str, count: int) -> None:
    """Wait until every port forwards: the kernel tells the bridge of a carrier in deferred work. Until then nobody answers
    for a host's address, and a connection to it ends after three questions with "no route to host".
    """
    deadline = time.monotonic() + _PATIENCE_S
    while (forwarding := _run("bridge", "-n", switch, "link", "show").count(" state forwarding ")) < count:
        assert time.monotonic() < deadline, f"{forwarding} of {count} ports forward"
        time.sleep(0.05)
