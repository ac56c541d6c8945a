"""Installs a package (tools/package.py) on a machine without a network, or upgrades what was installed out of one.

The program is put into one folder (`--prefix`), its environment is made of the packages that came along, and `service install`
lets systemd start it. Where the folder holds an installation already, that program takes the package as an update: it checks the
signature with the key that it knows, puts the new version beside its own and leads back (`smartmail update back`).
Standard library only, Python 3.11 or later.
"""

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys

HEAD = "update.head"  # smartmail.formats.update_bundle
_MAGIC = b"SMUPDATE1\n"
_NOTE = "installed.json"
_OLDEST_LIBC = (2, 28)
_RESERVE = 512 << 20


class CannotInstallError(Exception):
    """What is wrong, and what to do about it."""


def main(here: str, words: list[str]) -> int:
    options, others = _options(words)
    try:
        files = checked(here)
        require_machine()
        note = _note(options.prefix)
        if note:
            return _upgrade(here, options, note)
        return _install(here, files, options, others)
    except (CannotInstallError, OSError) as error:
        sys.stderr.write(f"smartmail: {error}\n")
        return 1


def _options(words: list[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(
        prog="./install", description=__doc__.split("\n", 1)[0],
        epilog="All other options are those of `smartmail service install`, such as --listen all, --port-base N, --key FILE.",
    )  # fmt: skip
    parser.add_argument(
        "--prefix", metavar="DIR", help="where the program goes (/opt/smartmail; ~/.local/opt/smartmail)"
    )
    parser.add_argument(
        "--data", metavar="DIR", help="where all durable data lies (/srv/smartmail/data; ~/smartmail/data)"
    )
    parser.add_argument("--user", action="store_true", help="without root: a unit of the account that asks")
    options, others = parser.parse_known_args(words)
    options.is_named = options.data is not None
    home = os.path.expanduser("~")
    options.prefix = os.path.abspath(
        options.prefix or (os.path.join(home, ".local", "opt", "smartmail") if options.user else "/opt/smartmail")
    )
    options.data = os.path.abspath(
        options.data or (os.path.join(home, "smartmail", "data") if options.user else "/srv/smartmail/data")
    )
    if not options.user and os.geteuid() != 0:
        parser.error("as root, or with --user for an installation of your own account")
    return options, others


def checked(here: str) -> list[tuple[str, bool]]:
    """Return the files of a package, each with whether it is run, once all of them are as they were made."""
    files = []
    for name, size, sha256, runs in _manifest(here)["files"]:
        path = os.path.join(here, *name.split("/"))
        if name.startswith("/") or ".." in name.split("/"):
            raise CannotInstallError(f"the package is damaged: {name}")
        try:
            with open(path, "rb") as file:
                is_good = os.fstat(file.fileno()).st_size == size
                is_good = is_good and hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except FileNotFoundError:
            is_good = False
        if not is_good:
            raise CannotInstallError(f"the package is damaged, unpack it again: {name} is missing or changed")
        files.append((name, runs))
    return files


def _manifest(here: str) -> dict:
    try:
        with open(os.path.join(here, HEAD), "rb") as file:
            head = file.read()
        begin = len(_MAGIC) + 4
        length = int.from_bytes(head[len(_MAGIC) : begin], "big")
        return json.loads(head[begin : begin + length] if head.startswith(_MAGIC) else b"")
    except (OSError, ValueError) as error:
        raise CannotInstallError("this is no package, or it is damaged: its list of files cannot be read") from error


def require_machine() -> None:
    """Raises CannotInstallError where what the package brings cannot run."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise CannotInstallError(f"this package is for Linux on x86_64, not for {sys.platform} on {platform.machine()}")
    kind, version = platform.libc_ver()
    if kind != "glibc" or tuple(int(part) for part in version.split(".")[:2]) < _OLDEST_LIBC:
        raise CannotInstallError(
            f"glibc 2.28 or later is needed (Debian 10, RHEL 8, Ubuntu 20.04 and later): {kind} {version}"
        )


def _note(prefix: str) -> dict:
    try:
        with open(os.path.join(prefix, _NOTE), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def _install(here: str, files: list[tuple[str, bool]], options: argparse.Namespace, others: list[str]) -> int:
    prefix = options.prefix
    if os.path.isdir(prefix) and os.listdir(prefix) and not os.path.exists(os.path.join(prefix, HEAD)):
        raise CannotInstallError(f"{prefix} holds something else; name another folder with --prefix")
    os.makedirs(prefix, mode=0o755, exist_ok=True)
    size = sum(os.path.getsize(os.path.join(here, name)) for name, _ in files)
    if shutil.disk_usage(prefix).free < 3 * size + _RESERVE:
        raise CannotInstallError(f"{prefix} needs {(3 * size + _RESERVE) >> 20} MiB of free space")
    old = os.umask(0o022)  # the account that serves reads the program
    for name, runs in [(HEAD, False), *files]:
        target = os.path.join(prefix, *name.split("/"))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(os.path.join(here, name), target)
        os.chmod(target, 0o755 if runs else 0o644)
    os.umask(old)
    own = [*(["--user"] if options.user else []), "--data", options.data]
    # Its first start makes the environment out of the packages.
    if _runs(prefix, "service", "install", *own, *others):
        raise CannotInstallError("not finished; mend what is told above and run ./install again")
    version = _manifest(here)["version"]
    with open(os.path.join(prefix, _NOTE), "w", encoding="utf-8") as file:
        json.dump({"version": version, "data": options.data}, file)
    sys.stdout.write(f"SmartMail {version} is installed in {prefix}; its data: {options.data}\n")
    return 0


def _upgrade(here: str, options: argparse.Namespace, note: dict) -> int:
    data = note["data"]
    if options.is_named and options.data != data:
        raise CannotInstallError(f"{options.prefix} serves {data}; another installation needs another --prefix")
    sys.stdout.write(f"SmartMail is installed in {options.prefix}: it takes this package as an update.\n")
    sys.stdout.flush()
    code = _runs(options.prefix, "update", "apply", here, "--data", data)
    if not code:
        back = os.path.join(options.prefix, "smartmail")
        sys.stdout.write(f"The version before is kept. Back to it:  {back} update back --data {data}\n")
    return code


def _runs(prefix: str, *words: str) -> int:
    return subprocess.call([sys.executable, os.path.join(prefix, "smartmail"), *words])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
