"""Installs the Debian packages that tests need, without letting any of their services start."""

import contextlib
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

# What invoke-rc.d asks before it starts a service; 101 forbids it.
_POLICY = Path("/usr/sbin/policy-rc.d")
_FORBID = "#!/bin/sh\n# by ./smartmail test\nexit 101\n"
_PRESEED = "postfix postfix/main_mailer_type select No configuration\n"


def ensure(listing: Path) -> bool:
    """Make sure that all packages of `listing` are there; else say what to type and return False."""
    absent = missing(wanted(listing))
    if not absent:
        return True
    command = ["apt-get", "install", "-y", "--no-install-recommends", *absent]
    if shutil.which("apt-get") is None:
        print(f"smartmail: the tests need these Debian packages or their like: {' '.join(absent)}", file=sys.stderr)
        return False
    if os.geteuid() != 0:
        print(f"smartmail: the tests need more programs. Type:\n  sudo {' '.join(command)}", file=sys.stderr)
        return False
    print(f"installing {' '.join(absent)}", flush=True)
    with _no_service_starts():
        done = _apt(["apt-get", "update", "-qq"]) and _preseed() and _apt(command)
    left = missing(absent)
    if left:
        print(f"smartmail: these packages could not be installed: {' '.join(left)}", file=sys.stderr)
    return done and not left


def wanted(listing: Path) -> list[str]:
    """Return the packages of all groups, in the order of the file."""
    groups = tomllib.loads(listing.read_text(encoding="utf-8"))
    return [package for group in groups.values() for package in group["packages"]]


def missing(packages: list[str]) -> list[str]:
    """Return those that dpkg does not know as installed."""
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *packages],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return packages
    there = {line.split()[0] for line in done.stdout.splitlines() if line.endswith(" installed")}
    return [package for package in packages if package not in there]


def _preseed() -> bool:
    return subprocess.run(["debconf-set-selections"], input=_PRESEED, text=True, check=False).returncode == 0  # noqa: S607


def _apt(command: list[str]) -> bool:
    """Run apt quietly; another apt at work is waited for."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    patient = [command[0], "-o", "DPkg::Lock::Timeout=600", "-o", "Dpkg::Use-Pty=0", *command[1:]]
    done = subprocess.run(  # noqa: S603 - our own words
        patient,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        print("\n".join(done.stdout.splitlines()[-30:]), file=sys.stderr)
    return done.returncode == 0


@contextlib.contextmanager
def _no_service_starts() -> Iterator[None]:
    if _POLICY.exists():
        yield  # whoever put it there has decided already
        return
    _POLICY.write_text(_FORBID, encoding="ascii")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink(missing_ok=True)
