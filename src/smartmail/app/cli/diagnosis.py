"""What `doctor` looks at, one function each: settings in, verdicts out. Nothing is changed or made."""

import asyncio
import fcntl
import os
import platform
import shutil
import socket
import stat
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from smartmail.adapters.dns.resolver import DnsResolver
from smartmail.adapters.keys.master import MasterKeyError
from smartmail.adapters.keys.master import load as load_key
from smartmail.app.cli import opening
from smartmail.app.node import Node, open_node
from smartmail.app.process_tree.listening import written_down
from smartmail.app.process_tree.sockets import bind_one, port_holder
from smartmail.app.settings import Settings, passphrase
from smartmail.app.tls import certificates
from smartmail.app.worker_context import CannotStartError
from smartmail.domain.errors import MailError, Unavailable
from smartmail.ports.blobs import VolumeError
from smartmail.ports.dns import DnsFailure

Level = Literal["ok", "warning", "error"]

_LITTLE_ROOM = 2 << 30
_NO_ROOM = 128 << 20
"""Twice what the volume keeps in reserve for the database."""
_CERTIFICATE_DAYS = 14
_STUCK_S = 15 * 60
_OLD_S = 4 * 3600
_DNS_S = 6.0
_KNOWN_NAME = "example.com"
"""A name that RFC 2606 reserves and that always answers."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was looked at, what was found, and what to do about it."""

    level: Level
    topic: str
    found: str
    remedy: str = ""


Look = Callable[[Node], Awaitable[list[Verdict]]]


def without_node(settings: Settings) -> Iterator[Verdict]:
    """Look at what can be seen without opening the store."""
    yield _python()
    yield _library()
    yield _data_directory(settings)
    yield from _room(settings)
    yield _key_file(settings)
    yield _clock(settings)
    yield _certificate(settings)
    yield from _ports(settings)
    yield _web()


async def with_node(settings: Settings, more: Look) -> list[Verdict]:
    """Open the node as a process would, and look at store, volume, queue, DNS and what `more` looks at."""
    verdicts = [await _dns(settings)]
    try:
        opening.require_data(settings)
        async with open_node(settings) as node:
            verdicts += [Verdict("ok", "store", "database, master key and volume belong together")]
            verdicts += [*await _volumes(node), await _queue(node, settings), await _people(node)]
            verdicts += await more(node)
    except CannotStartError as error:
        # The texts say what to do.
        verdicts.append(Verdict("error", "store", str(error)))
    except MailError as error:
        verdicts.append(Verdict("error", "store", error.detail or error.public or error.code))
    return verdicts


def _python() -> Verdict:
    found = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    if sys.version_info < (3, 11):  # noqa: UP036 -- asked of the one that runs us
        return Verdict("error", "python", found, "install Python 3.11 or later")
    return Verdict("ok", "python", found)


def _library() -> Verdict:
    import apsw

    from smartmail.adapters.sql.sqlite_session import check_library

    version = apsw.sqlite_lib_version()
    try:
        check_library(version)
    except Unavailable as error:
        return Verdict("error", "sqlite", error.detail, "make the environment anew: remove .venv and start again")
    return Verdict("ok", "sqlite", f"SQLite {version}")


def _data_directory(settings: Settings) -> Verdict:
    place = settings.directory
    try:
        status = os.stat(place)
    except OSError as error:
        return Verdict(
            "error", "data", f"{place}: {error.strerror}", "name the directory with --data, or run serve first"
        )
    if not os.access(place, os.R_OK | os.W_OK | os.X_OK):
        return Verdict("error", "data", f"{place} is not writable", f"chown -R {os.getuid()} {place}")
    if status.st_uid != os.getuid():
        return Verdict("warning", "data", f"{place} belongs to another account", "run all commands as its owner")
    if stat.S_IMODE(status.st_mode) & 0o077:
        return Verdict("warning", "data", f"others may look into {place}", f"chmod 700 {place}")
    return Verdict("ok", "data", place)


def _room(settings: Settings) -> Iterator[Verdict]:
    places = [settings.directory] if settings.file.volume.s3 else [settings.directory, settings.volume_path]
    disks: dict[int, str] = {}
    for place in places:
        while not os.path.isdir(place) and place != os.path.dirname(place):
            place = os.path.dirname(place)
        disks.setdefault(os.stat(place).st_dev, place)
    for place in disks.values():
        free = shutil.disk_usage(place).free
        found = f"{free >> 20:,} MB free at {place}"
        if free < _NO_ROOM:
            yield Verdict("error", "room", found, "make room: mail is refused with 452 until there is")
        else:
            remedy = "mail comes in until 64 MB are left" if free < _LITTLE_ROOM else ""
            yield Verdict("warning" if remedy else "ok", "room", found, remedy)


def _key_file(settings: Settings) -> Verdict:
    try:
        key = load_key(settings.key_file, passphrase(settings))
    except FileNotFoundError:
        return Verdict(
            "error", "master key", f"there is none at {settings.key_file}", "put your copy back, or --key FILE"
        )
    except (MasterKeyError, OSError) as error:
        return Verdict("error", "master key", str(error))
    found = f"{settings.key_file}, key {key.identity.id}; keep a copy in another safe place"
    return Verdict("ok", "master key", found)


def _clock(settings: Settings) -> Verdict:
    now = time.time()
    newest = max(_modified(os.path.join(settings.directory, name)) for name in ("smartmail.db", "smartmail.db-wal"))
    shown = datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds")
    if newest > now + 5:
        return Verdict(
            "error", "clock", f"{shown}, but the database was written {newest - now:.0f} s later",
            "set the clock (timedatectl set-ntp true)",
        )  # fmt: skip
    return Verdict("ok", "clock", shown)


def _modified(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0


def _certificate(settings: Settings) -> Verdict:
    from cryptography import x509

    place = certificates.files(settings)
    try:
        with open(place.certificate, "rb") as file:
            left = x509.load_pem_x509_certificate(file.read()).not_valid_after_utc - datetime.now(UTC)
        certificates.server_context(place)
    except FileNotFoundError:
        return Verdict(
            "warning", "certificate", f"there is none at {place.certificate}", "serve makes one at its start"
        )
    except (OSError, ValueError, CannotStartError) as error:
        return Verdict(
            "error", "certificate", str(error), "put certificate and key that belong together in their place"
        )
    found = f"{place.certificate}, {left.days} days left"
    remedy = "renew it, then send SIGHUP to the server" if settings.file.tls.certificate else "restart the server"
    if left.days < 0:
        return Verdict("error", "certificate", f"{place.certificate} has expired", remedy)
    return (
        Verdict("warning", "certificate", found, remedy)
        if left.days < _CERTIFICATE_DAYS
        else Verdict("ok", "certificate", found)
    )


def is_running(settings: Settings) -> bool:
    """Say whether a process tree runs on the data directory: it holds the node's lock."""
    try:
        descriptor = os.open(os.path.join(settings.directory, "node.lock"), os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _ports(settings: Settings) -> Iterator[Verdict]:
    running = is_running(settings)
    good = []
    for name, (address, port) in _places(settings, running=running).items():
        trouble = _not_answering(address, port) if running else _not_free(address, port)
        if trouble is None:
            good.append(f"{name} {port}")
        elif running:
            yield Verdict("error", "ports", f"{name} {port}: {trouble}", "look at the log, or restart the server")
        else:
            yield Verdict(
                "error", "ports", f"{name} {port}: {trouble}", "stop that program, or serve with --port-base N"
            )
    told = "the server answers" if running else "the server does not run; free"
    if good:
        yield Verdict("ok", "ports", f"{told}: {', '.join(good)}")


def _places(settings: Settings, *, running: bool) -> Mapping[str, tuple[str, int]]:
    """Return listener → where it is asked: what the running node wrote down, else what the settings plan."""
    found = written_down(settings.directory) if running else {}
    if found:
        return {name: places[0] for name, places in found.items() if places}
    return {name: (settings.addresses[0], port) for name, port in settings.ports().items() if port is not None}


def _not_free(address: str, port: int) -> str | None:
    try:
        bind_one(address, port).close()
    except OSError as error:
        holder = port_holder(port)
        return f"{error.strerror}{', held by ' + holder if holder else ''}"
    return None


def _not_answering(address: str, port: int) -> str | None:
    try:
        socket.create_connection((address, port), timeout=2).close()
    except OSError as error:
        return f"does not answer ({error.strerror or error})"
    return None


def _web() -> Verdict:
    package = Path(__file__).resolve().parents[2]
    for place in (package / "web", package.parents[1] / "web" / "dist"):
        if any(place.glob("**/index.html")):
            return Verdict("ok", "web apps", str(place))
    return Verdict(
        "warning", "web apps", "they are not built", "run ./smartmail serve once where npm can fetch packages"
    )


async def _dns(settings: Settings) -> Verdict:
    where = (
        f"{settings.file.dns.address}:{settings.file.dns.port}"
        if settings.file.dns.address
        else "the system's resolver"
    )
    resolver = DnsResolver(settings.file.dns.address or None, settings.file.dns.port)
    try:
        async with asyncio.timeout(_DNS_S):
            await resolver.mx(_KNOWN_NAME)
    except (DnsFailure, TimeoutError, OSError) as error:
        return Verdict(
            "warning", "dns", f"{where} gives no answer: {str(error) or 'time-out'}",
            "mail to other domains waits until it does; name a resolver in [dns] of the node file",
        )  # fmt: skip
    return Verdict("ok", "dns", f"{where} answers")


async def _volumes(node: Node) -> list[Verdict]:
    verdicts = []
    for volume_id, volume in node.volumes.items():
        try:
            space = await volume.space()
        except VolumeError as error:
            verdicts.append(Verdict("error", "volume", f"volume {volume_id} does not answer: {error}"))
            continue
        found = f"volume {volume_id}: {space.live >> 20:,} MB kept, {space.dead >> 20:,} MB to be won back"
        verdicts.append(Verdict("ok", "volume", found))
    return verdicts


async def _queue(node: Node, settings: Settings) -> Verdict:
    entries = await node.store.queue_entries(1000)
    now = node.clock.now()
    waiting = [row for _, rows in entries for row in rows if row.state in {"ready", "leased"}]
    stuck = [row for row in waiting if row.next_at < now - _STUCK_S * 1000]
    old = [entry for entry, _ in entries if entry.created_at < now - _OLD_S * 1000]
    found = f"{len(entries)}{' or more' if len(entries) == 1000 else ''} entries, {len(old)} older than 4 hours"
    if stuck:
        running = is_running(settings)
        remedy = "look for the relay role in the log" if running else "start the server"
        return Verdict(
            "error" if running else "warning", "queue", f"{found}; {len(stuck)} recipients are overdue", remedy
        )
    return Verdict("warning" if old else "ok", "queue", found, "./smartmail queue list shows why" if old else "")


async def _people(node: Node) -> Verdict:
    accounts = [one for one in await node.services.directory.accounts() if one.may("receive")]
    full = [one for one in accounts if one.quota is not None and one.used >= one.quota]
    if not accounts:
        return Verdict("warning", "accounts", "there are none", "./smartmail account add ADDRESS")
    if not any(one.is_admin for one in accounts):
        return Verdict("warning", "accounts", "nobody is administrator", "./smartmail role grant ADDRESS company")
    if full:
        return Verdict("warning", "accounts", f"{len(full)} of {len(accounts)} are full", "./smartmail account list")
    return Verdict("ok", "accounts", f"{len(accounts)} active")
