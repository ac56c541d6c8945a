"""Brings the Debian packages that tests need, without letting any of their services start.

Most are installed. Those that Debian does not let stand side by side are unpacked into a folder each, and the libraries
that they want are installed.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

# What invoke-rc.d asks before it starts a service; 101 forbids it.
_POLICY = Path("/usr/sbin/policy-rc.d")
_FORBID = "#!/bin/sh\n# by ./smartmail test\nexit 101\n"
_PRESEED = "postfix postfix/main_mailer_type select No configuration\n"


def ensure(listing: Path) -> bool:
    """Make sure that all packages of `listing` are there; else say what to type and return False."""
    return _install(missing(wanted(listing))) and all(_unpack(package, place) for package, place in _apart(listing))


def unpacked(listing: Path) -> dict[str, Path]:
    """Return the packages that are unpacked only, each with its folder beside the listing's checkout."""
    groups = tomllib.loads(listing.read_text(encoding="utf-8"))
    names = [package for group in groups.values() for package in group.get("unpacked", ())]
    return {name: listing.parent.parent / ".cache" / "unpacked" / name for name in names}


def _apart(listing: Path) -> list[tuple[str, Path]]:
    return [(package, place) for package, place in unpacked(listing).items() if not place.exists()]


def _unpack(package: str, place: Path) -> bool:
    """Fetch one package, install the libraries that it wants, and put its files into `place`."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        print(f"smartmail: root and apt-get are needed to unpack {package} for the tests", file=sys.stderr)
        return False
    print(f"unpacking {package}", flush=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as scratch:
        # Newer than the last index may be all that the archive still has.
        if not _apt(["apt-get", "update", "-qq"]) or not _apt(["apt-get", "download", package], folder=scratch):
            return False
        (archive,) = Path(scratch).glob("*.deb")
        if not _install(missing(_libraries(archive))):
            return False
        files = Path(scratch) / "files"
        subprocess.run(["dpkg-deb", "-x", str(archive), str(files)], check=True)  # noqa: S603, S607 - our own words
        # Last and at once: a folder that is there is whole.
        files.rename(place)
    return True


def _libraries(archive: Path) -> list[str]:
    """Return the libraries among what a package depends on, the first of alternatives."""
    command = ["dpkg-deb", "-f", str(archive), "Depends"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own words
    names = [re.split(r"[ |(:]", one.strip())[0] for one in told.split(",")]
    return [name for name in names if name.startswith("lib")]


def _install(absent: list[str]) -> bool:
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
    return [package for group in groups.values() for package in group.get("packages", ())]


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


def _apt(command: list[str], folder: str | None = None) -> bool:
    """Run apt quietly, in a folder if one is given; another apt at work is waited for."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    patient = [command[0], "-o", "DPkg::Lock::Timeout=600", "-o", "Dpkg::Use-Pty=0", *command[1:]]
    done = subprocess.run(  # noqa: S603 - our own words
        patient,
        env=environment,
        cwd=folder,
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
