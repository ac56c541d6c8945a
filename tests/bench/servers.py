"""The servers that are compared, each with its own files below one folder and on free ports of loopback.

SmartMail runs as `serve --bench`; Postfix and Dovecot run as Debian ships them, durable as shipped, with limits raised
only where the load would meet them. All are ended by process id.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.peer_settings import (
    CRYPT,
    DOVECOT,
    DOVECOT_PLAIN_TLS,
    POSTFIX_MAIN,
    POSTFIX_MASTER,
    make_certificate,
    make_crypt_keys,
)
from tests.bench.process_tree import with_word

from smartmail.app.roles import PORTS

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = "bench.test"
PASSWORD = "bench"
USERS = [f"u{number}@{DOMAIN}" for number in range(20)]
BIG, IDLE = f"big@{DOMAIN}", f"idle0@{DOMAIN}"
_NOBODY = 65534
_START_S = 60.0


@dataclass
class Server:
    """Something that takes mail on `mail_port` and serves IMAP. `settled` tells that all accepted mail is delivered;
    `aside` names processes that have no part in delivery.
    """

    key: str
    name: str
    mail_port: int
    imap_port: int
    imaps_port: int
    roots: list[int]
    version: str
    lmtp: bool = False
    settled: Callable[[], bool] = lambda: True
    aside: Callable[[], list[int]] = list
    log: Path = field(default_factory=Path)


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in sockets]


def _free_base() -> int:
    for base in range(21_000, 30_000, 100):
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for offset in PORTS.values():
                stack.enter_context(socket.create_server(("127.0.0.1", base + offset)))
            return base
    raise RuntimeError("no free ports")


def _wait(port: int, process: "subprocess.Popen[bytes] | None", log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as probe:
            if probe.recv(1):
                return
        if process is not None and process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"a server does not answer:\n{log.read_text(errors='replace')[-3000:]}")


@contextlib.contextmanager
def _running(
    command: Sequence[str], log: Path, environment: dict[str, str] | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def smartmail(folder: Path, *, sealed: bool = True) -> Iterator[Server]:
    """Run SmartMail as shipped; without sealing for what sealing costs."""
    base, log = _free_base(), folder / "smartmail.log"
    folder.mkdir()
    module = "smartmail.app.cli" if sealed else "tests.bench.unsealed"
    command = [
        sys.executable,
        "-m",
        module,
        "serve",
        "--bench",
        "--data",
        str(folder / "data"),
        "--port-base",
        str(base),
    ]
    environment = {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
    with _running(command, log, environment) as process:
        ports = {name: base + offset for name, offset in PORTS.items()}
        deadline = time.monotonic() + _START_S
        while b"READY" not in log.read_bytes() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        _wait(ports["imap"], process, log)
        yield Server(
            "smartmail" if sealed else "unsealed",
            "SmartMail" if sealed else "SmartMail, nothing sealed",
            ports["smtp"],
            ports["imap"],
            ports["imaps"],
            [process.pid],
            "this checkout",
            log=log,
            # What it does for search, and would do for other servers: a delivery goes through the edge processes alone.
            aside=lambda: with_word([process.pid], "background"),
        )


def missing_peers() -> str:
    """Return why Postfix and Dovecot cannot be run, "" when they can."""
    absent = [name for name in ("postfix", "dovecot", "doveconf") if shutil.which(name) is None]
    if absent:
        return f"not installed: {', '.join(absent)} (./smartmail test installs them)"
    if os.geteuid() != 0:
        return "Postfix and Dovecot change to their own users, which needs root"
    return ""


@contextlib.contextmanager
def dovecot(folder: Path, *, crypt: bool = False, further: str = "") -> Iterator[Server]:
    """Run Dovecot: LMTP and IMAP over maildir, with mail_crypt if asked; `further`: more settings."""
    folder.mkdir()
    folder.chmod(0o755)
    lmtp, imap, imaps = free_ports(3)
    mail = folder / "mail"
    mail.mkdir()
    os.chown(mail, _NOBODY, _NOBODY)
    make_certificate(folder)
    text = DOVECOT + DOVECOT_PLAIN_TLS + further
    if crypt:
        make_crypt_keys(folder, _NOBODY)
        text += CRYPT
    for word, value in {"FOLDER": folder, "LMTP": lmtp, "IMAPS": imaps, "IMAP": imap, "PASSWORD": PASSWORD}.items():
        text = text.replace(f"@{word}@", str(value))
    (folder / "dovecot.conf").write_text(text)
    log = folder / "log"
    log.touch()
    with _running(["dovecot", "-F", "-c", str(folder / "dovecot.conf")], folder / "output") as process:
        _wait(imap, process, folder / "output")
        yield Server(
            "dovecot_crypt" if crypt else "dovecot",
            "Dovecot LMTP, mail_crypt" if crypt else "Dovecot LMTP",
            lmtp,
            imap,
            imaps,
            [process.pid],
            _output("dovecot", "--version").split()[0],
            lmtp=True,
            log=log,
        )


@contextlib.contextmanager
def postfix(folder: Path, behind: Server) -> Iterator[Server]:
    """Run Postfix in front of a Dovecot: its own queue and configuration."""
    folder.mkdir()
    folder.chmod(0o755)
    (port,) = free_ports(1)
    for name in ("config", "queue", "lib"):
        (folder / name).mkdir()
    shutil.chown(folder / "lib", "postfix", "postfix")
    for name, text in (("main.cf", POSTFIX_MAIN), ("master.cf", POSTFIX_MASTER)):
        for word, value in {"FOLDER": folder, "PORT": port, "LMTP": behind.mail_port, "DOMAIN": DOMAIN}.items():
            text = text.replace(f"@{word}@", str(value))
        (folder / "config" / name).write_text(text)
    control = ["postfix", "-c", str(folder / "config")]
    started = subprocess.run([*control, "start"], capture_output=True, text=True, check=False)
    if started.returncode != 0:
        raise RuntimeError(started.stdout + started.stderr)
    try:
        _wait(port, None, folder / "log")
        master = int((folder / "queue" / "pid" / "master.pid").read_text())
        yield Server(
            behind.key.replace("dovecot", "postfix"),
            behind.name.replace("Dovecot LMTP", "Postfix → Dovecot"),
            port,
            behind.imap_port,
            behind.imaps_port,
            [master, *behind.roots],
            _output("postconf", "-c", str(folder / "config"), "-h", "mail_version").strip(),
            settled=lambda: (
                not any(_holds_files(folder / "queue" / name) for name in ("incoming", "active", "deferred"))
            ),
            log=folder / "log",
        )
    finally:
        subprocess.run([*control, "stop"], capture_output=True, check=False)


def _holds_files(folder: Path) -> bool:
    return any(files for _, _, files in os.walk(folder))


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
