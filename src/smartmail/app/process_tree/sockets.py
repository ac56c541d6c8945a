"""Binds the listening sockets of a node, once, before any process of it starts.

Without SO_REUSEPORT: it would hide that a port is taken, and a stopped process would keep its share of the
connections.
"""

import errno
import ipaddress
import os
import resource
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from smartmail.app.settings import Settings
from smartmail.app.worker_context import CannotStartError

BACKLOG = 1024
PATIENCE_S = 30.0
"""How long all taken ports together are waited for: children of a supervisor that was killed end within moments, another
program that is just being replaced by this one within seconds, and a connection that went out from such a port ends."""
_POLL_S = 0.1
_TCP_LISTEN = "0A"


class Patience:
    """Waits for ports that are taken, `seconds` for all of them together; `tell` hears each port once."""

    def __init__(self, seconds: float, tell: Callable[[str], None], wait: Callable[[float], None] = time.sleep) -> None:
        self._left = round(seconds / _POLL_S)
        self._tell = tell
        self._wait = wait
        self._told: set[tuple[str, int]] = set()

    def another(self, name: str, address: str, port: int) -> bool:
        """Wait a moment for a port; say whether it is worth another try."""
        if not self._left:
            return False
        if (address, port) not in self._told:
            self._told.add((address, port))
            who = _who(port_holder(port))
            patience = self._left * _POLL_S
            self._tell(f"Port {port} ({name}) on {address} is taken.{who} Waiting up to {patience:.0f} seconds for it.")
        self._wait(_POLL_S)
        self._left -= 1
        return True


def bind_all(settings: Settings, patience: Patience | None = None) -> dict[str, list[socket.socket]]:
    """Bind every listener of the node: name → listening sockets. Raises CannotStartError."""
    bound: dict[str, list[socket.socket]] = {}
    patience = patience or Patience(PATIENCE_S, _complain)
    try:
        for name, port in settings.ports().items():
            if port is not None:
                bound[name] = _bind_listener(settings, name, port, patience)
    except CannotStartError:
        for sockets in bound.values():
            for sock in sockets:
                sock.close()
        raise
    return bound


def _bind_listener(settings: Settings, name: str, port: int, patience: Patience) -> list[socket.socket]:
    sockets = []
    for address in settings.addresses:
        sock = _bind_patiently(name, address, port, patience)
        if sock is not None:
            sockets.append(sock)
        elif settings.file.listen.addresses:
            raise CannotStartError(f"The address {address} is not one of this machine. Mend listen.addresses.")
    if not sockets:
        raise CannotStartError(f"No address could be bound for {name} (port {port}).")
    return sockets


def _bind_patiently(name: str, address: str, port: int, patience: Patience) -> socket.socket | None:
    while True:
        try:
            return bind_one(address, port)
        except OSError as error:
            if error.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
                return None
            if error.errno == errno.EACCES:
                raise CannotStartError(
                    f"Port {port} ({name}) may only be opened by root. Start as root, grant CAP_NET_BIND_SERVICE, "
                    "or choose another base with --port-base."
                ) from error
            if error.errno != errno.EADDRINUSE:
                raise CannotStartError(f"Port {port} ({name}) on {address}: {error.strerror}.") from error
            if not patience.another(name, address, port):
                raise CannotStartError(_taken(name, address, port)) from error


def _complain(text: str) -> None:
    sys.stderr.write(f"smartmail: {text}\n")
    sys.stderr.flush()


def bind_one(address: str, port: int) -> socket.socket:
    """Return a listening, non-blocking TCP socket. Raises OSError."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((address, port))
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def outward_address(bound: Sequence[str]) -> str:
    """Return the address under which others reach what is bound to these; "" where it is for this machine alone.

    Of "all" it is the one that packets to elsewhere would have: choosing a way sends nothing (connect(2) of a datagram socket).
    """
    for address in bound:
        parsed = ipaddress.ip_address(address)
        if parsed.is_unspecified:
            family, far = (socket.AF_INET6, "2001:db8::1") if parsed.version == 6 else (socket.AF_INET, "192.0.2.1")
            with socket.socket(family, socket.SOCK_DGRAM) as sock, suppress(OSError):
                sock.connect((far, 9))
                return str(sock.getsockname()[0])
        elif not parsed.is_loopback:
            return address
    return ""


def _who(holder: str) -> str:
    return f" It is held by {holder}." if holder else ""


def _taken(name: str, address: str, port: int) -> str:
    return (
        f"Port {port} ({name}) on {address} is taken.{_who(port_holder(port))} "
        "Stop that program, or choose other ports with --port-base N (for example --port-base 20000)."
    )


def port_holder(port: int) -> str:
    """Say who listens on TCP `port`: "process 4711 (command line)"; "" where the system does not tell."""
    inodes = _listening_inodes(port)
    if not inodes:
        return ""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            for descriptor in (process / "fd").iterdir():
                if os.readlink(descriptor) in inodes:
                    command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                    return f"process {process.name} ({command.strip()[:100]})"
    return ""


def _listening_inodes(port: int) -> set[str]:
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == _TCP_LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                    found.add(f"socket:[{fields[9]}]")
    return found


# --- descriptors: raised to what the system allows, and shared out to listeners ---

WANTED = 65_536
OWN = 1_024
"""Kept for files, sockets to others and children."""
MOST = 8_000


def raise_limit() -> int:
    """Raise the soft limit as far as the hard one lets us; return it. 1,024, a usual default, is less than one attack."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def connections_for(limit: int) -> int:
    """Return how many connections one listener may hold: a half of the descriptors, so that no door takes all."""
    return max(200, min(MOST, (limit - OWN) // 2))
