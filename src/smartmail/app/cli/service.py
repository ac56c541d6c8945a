"""Lets systemd start this installation with the machine: writes the unit, makes the account, starts it.

    ./smartmail service install --data /srv/smartmail/data --listen all     as root: ports 25, 443, 993 …
    ./smartmail service install --user --data ~/smartmail/data              without root: ports from 10025 on
    ./smartmail service show                                                prints the unit and changes nothing

As root the node binds its ports, then runs as the account `smartmail` without any capability. The log goes to the journal
(`journalctl -u smartmail`), which rotates it. `install` again after an option changed; `remove` takes the unit away and leaves
data and account.
"""

import argparse
import os
import pwd
import shlex
import subprocess
import sys
from pathlib import Path

from smartmail.app.cli import exits
from smartmail.app.cli.settings_options import addresses
from smartmail.app.installation import ROOT
from smartmail.app.process_tree.rights import OWN_ACCOUNT
from smartmail.app.settings import DEFAULT_PORT_BASE

HELP = "start with the machine: a systemd unit, with or without root"

UNIT = "smartmail.service"
_SYSTEM = "/etc/systemd/system"
_TEXT = """\
# Written by "{command}".
[Unit]
Description=SmartMail
Documentation=file://{root}/docs/guide-admin/README.md
Wants=network-online.target
After=network-online.target time-sync.target

[Service]
Type=exec
ExecStart={start}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=5
# 78: it cannot run until somebody changes its configuration; the log says what.
RestartPreventExitStatus=78
# Sessions get drain_s of the node file to end.
TimeoutStopSec=90
LimitNOFILE=65536
UMask=0077
PrivateTmp=yes
ProtectSystem=full
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
LockPersonality=yes

[Install]
WantedBy={target}
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=("show", "install", "remove"), metavar="ACT", help="show, install or remove")
    parser.add_argument("--data", default="data", metavar="DIR", help="as for serve (./data)")
    parser.add_argument("--config", metavar="FILE", help="as for serve")
    parser.add_argument("--key", metavar="FILE", help="as for serve")
    parser.add_argument("--listen", type=addresses, metavar="A,B", help="as for serve (this machine alone)")
    parser.add_argument(
        "--port-base", type=int, metavar="N", help=f"as for serve (0 as root, {DEFAULT_PORT_BASE} with --user)"
    )
    parser.add_argument("--user", action="store_true", help="a unit of the account that asks, without root")
    parser.add_argument("--root", default="/", metavar="DIR", help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    """Do it; 77 where root is needed and not there."""
    if options.act == "show":
        sys.stdout.write(unit(options))
        return exits.OK
    if not options.user and os.geteuid() != 0:
        print("smartmail: as root, or with --user for a unit of your own account.", file=sys.stderr)
        return exits.of("forbidden")
    return _install(options) if options.act == "install" else _remove(options)


def unit(options: argparse.Namespace) -> str:
    """Return the text of the unit."""
    base = options.port_base if options.port_base is not None else DEFAULT_PORT_BASE if options.user else 0
    words = [
        os.path.join(ROOT, "smartmail"),
        "serve",
        "--data",
        os.path.abspath(options.data),
        "--port-base",
        str(base),
    ]
    for name in ("config", "key"):
        if getattr(options, name):
            words += [f"--{name}", os.path.abspath(getattr(options, name))]
    if options.listen:
        words += ["--listen", ",".join(options.listen)]
    return _TEXT.format(
        command=f"./smartmail service install{' --user' if options.user else ''}", root=ROOT,
        start=" ".join(_word(word) for word in words), target="default.target" if options.user else "multi-user.target",
    )  # fmt: skip


def _word(word: str) -> str:
    """Return a word as ExecStart takes it: `%` and `$` mean something there (systemd.service(5))."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return escaped if escaped == word and not any(one.isspace() for one in word) else f'"{escaped}"'


def _place(options: argparse.Namespace) -> Path:
    if not options.user:
        return Path(options.root) / _SYSTEM.lstrip("/") / UNIT
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return Path(options.root) / home.lstrip("/") / "systemd" / "user" / UNIT


def _install(options: argparse.Namespace) -> int:
    if not options.user and not _account(options):
        return exits.FAILED
    place = _place(options)
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_suffix(".new")
    beside.write_text(unit(options), encoding="utf-8")
    beside.replace(place)
    print(f"Written: {place}")
    return _told(options, ["daemon-reload"], ["enable", "--now", UNIT])


def _account(options: argparse.Namespace) -> bool:
    """Make the account that the node runs as, with the folder that data and key lie in; say whether it is there."""
    home = os.path.dirname(os.path.abspath(options.data))
    try:
        pwd.getpwnam(OWN_ACCOUNT)
    except KeyError:
        words = [
            "useradd",
            "--system",
            "--home-dir",
            home,
            "--create-home",
            "--shell",
            "/usr/sbin/nologin",
            OWN_ACCOUNT,
        ]
        return options.root != "/" or _runs(words)
    return True


def _remove(options: argparse.Namespace) -> int:
    place = _place(options)
    if not place.exists():
        print(f"smartmail: there is no {place}.", file=sys.stderr)
        return exits.of("not_found")
    ended = _told(options, ["disable", "--now", UNIT])
    place.unlink()
    print(f"Removed: {place}. Data, key and account are still there.")
    return ended or _told(options, ["daemon-reload"])


def _told(options: argparse.Namespace, *acts: list[str]) -> int:
    """Tell systemd, or say what to type where there is none, as in a container or another root."""
    for act in acts:
        words = ["systemctl", *(["--user"] if options.user else []), *act]
        if options.root != "/" or not os.path.isdir("/run/systemd/system"):
            print(f"Then: {shlex.join(words)}")
        elif not _runs(words):
            return exits.FAILED
    return exits.OK


def _runs(words: list[str]) -> bool:
    try:
        return subprocess.run(words, check=False, stdin=subprocess.DEVNULL).returncode == 0  # noqa: S603 -- our own words
    except OSError as error:
        print(f"smartmail: {words[0]}: {error.strerror}.", file=sys.stderr)
        return False
