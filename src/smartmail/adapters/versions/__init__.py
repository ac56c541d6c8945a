"""Versions in a folder of the data directory: one folder each, and small files that say which one runs.

What is installed is a bundle (one file), or the folder of a package that was unpacked.

Layout
    versions/<id>/            the unpacked bundle, `manifest.json` among it; made elsewhere and renamed into its place
    versions/state.json       {"chosen": id, "previous": id}: replaced by renaming, so that it is one or the other
    versions/healthy          ids that have served, one a line (written by the supervisor when all is ready)
    versions/failed           ids that did not come up, one a line (written by whoever started them)

tools/launcher/versions.py reads the same files before any of our code runs.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import IO, Final

import msgspec

from smartmail.formats.update_bundle import HEAD_NAME, LENGTH_OCTETS, MAGIC, BundleError, Manifest, head_octets
from smartmail.ports.versions import VersionState

_PIECE: Final = 1 << 20
_MANIFEST: Final = "manifest.json"
_RESERVE: Final = 256 << 20
RUNNING: Final = "SMARTMAIL_VERSION"
LOCK: Final = "requirements.lock"
KEPT: Final = 3


class VersionDirectory:
    """ports.versions.VersionPlace."""

    def __init__(self, directory: str, lock: str = "", installer: str = "") -> None:
        """`lock`: the lock file of the packages that the installation's own environment has. `installer`: uv."""
        self._directory = directory
        self._lock = lock
        self._installer = installer

    def head(self, path: str) -> bytes:
        with open(os.path.join(path, HEAD_NAME) if os.path.isdir(path) else path, "rb") as file:
            begin = file.read(len(MAGIC) + LENGTH_OCTETS)
            return begin + file.read(head_octets(begin) - len(begin))

    def check(self, path: str, head: int, manifest: Manifest) -> None:
        with _payload(path, head, manifest) as file:
            for one in manifest.files:
                _copy(file, one.size, one.sha256, one.name, None)
            if file.read(1):
                raise BundleError("something follows its last file")

    def install(self, path: str, head: int, manifest: Manifest) -> None:
        size = sum(one.size for one in manifest.files)
        os.makedirs(self._directory, mode=0o700, exist_ok=True)
        if not os.access(self._directory, os.W_OK):
            raise BundleError("a server that was started by root is updated by root: ./smartmail update apply FILE")
        if shutil.disk_usage(self._directory).free < size + _RESERVE:
            raise BundleError("there is not enough space for it")
        place = os.path.join(self._directory, manifest.id)
        if os.path.exists(place):
            return  # it was checked file by file when it was put there
        with _made(self._directory, place) as fresh, _payload(path, head, manifest) as file:
            for one in manifest.files:
                target = os.path.join(fresh, *one.name.split("/"))
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with open(target, "xb") as made:
                    _copy(file, one.size, one.sha256, one.name, made)
                    made.flush()
                    os.fsync(made.fileno())
                os.chmod(target, 0o755 if one.runs else 0o644)
            self._packages(fresh, manifest)
            # Installed from, or not needed: a version that may run never asks for them again.
            shutil.rmtree(os.path.join(fresh, "wheels"), ignore_errors=True)
            with open(os.path.join(fresh, _MANIFEST), "wb") as made:
                made.write(msgspec.json.encode(msgspec.structs.replace(manifest, files=())))
        self._forget(manifest.id)

    def _packages(self, fresh: str, manifest: Manifest) -> None:
        """Unpack the packages that a bundle brings, where they are others than those that are there."""
        if self._lock and os.path.exists(self._lock) and _digest(self._lock) == manifest.packages:
            return
        wheels = os.path.join(fresh, "wheels")
        if not os.path.isdir(wheels):
            raise BundleError("it needs packages that are not installed here and that it does not bring")
        if not os.access(self._installer, os.X_OK):
            raise BundleError("it brings packages and there is no installer here: start ./smartmail once")
        # No index is asked: what the lock names lies in the bundle, or nothing is installed.
        done = subprocess.run(  # noqa: S603 -- our own installer, arguments of ours
            [self._installer, "pip", "install", "--quiet", "--offline", "--no-index", "--no-deps", "--require-hashes",
             "--only-binary", ":all:", "-f", wheels, "--target", os.path.join(fresh, "site"),
             "--python", sys.executable, "--requirement", os.path.join(fresh, LOCK)],
            capture_output=True, text=True, check=False,
            env={**os.environ, "UV_NO_CONFIG": "1", "UV_NO_CACHE": "1", "UV_PYTHON_DOWNLOADS": "never"},
        )  # fmt: skip
        if done.returncode:
            raise BundleError(f"its packages cannot be installed: {done.stderr.strip()[-300:]}")

    def choose(self, version_id: str) -> None:
        if version_id and not os.path.isdir(os.path.join(self._directory, version_id)):
            raise BundleError("there is no such version")
        chosen = self._state()["chosen"]
        if chosen == version_id:
            return
        os.makedirs(self._directory, mode=0o700, exist_ok=True)
        _forget_line(os.path.join(self._directory, "failed"), version_id)
        path = os.path.join(self._directory, "state.json")
        with open(path + ".new", "w", encoding="ascii") as file:
            json.dump({"chosen": version_id, "previous": chosen}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(path + ".new", path)

    def states(self) -> list[VersionState]:
        state, healthy, failed = self._state(), self._lines("healthy"), self._lines("failed")
        running = os.environ.get(RUNNING, "")
        found = []
        for name in ["", *self._names()]:
            manifest = self._manifest(name)
            found.append(
                VersionState(
                    name, manifest.version if manifest else "", manifest.fixes if manifest else (),
                    state["chosen"] == name, not name or name in healthy,
                    state["previous"] == name and state["chosen"] != name, running == name,
                    "it did not come up" if name in failed else "", manifest.made_at if manifest else 0,
                )
            )  # fmt: skip
        return found

    def keep(self, octets: bytes) -> str:
        os.makedirs(self._directory, mode=0o700, exist_ok=True)
        descriptor, path = tempfile.mkstemp(prefix=".came-", dir=self._directory)
        with os.fdopen(descriptor, "wb") as file:
            file.write(octets)
        return path

    def forget(self, path: str) -> None:
        with suppress(OSError):
            os.unlink(path)

    def _names(self) -> list[str]:
        try:
            names = os.listdir(self._directory)
        except OSError:
            return []
        return sorted(name for name in names if os.path.exists(os.path.join(self._directory, name, _MANIFEST)))

    def _manifest(self, name: str) -> Manifest | None:
        if not name:
            return None
        with (
            suppress(OSError, msgspec.MsgspecError),
            open(os.path.join(self._directory, name, _MANIFEST), "rb") as file,
        ):
            return msgspec.json.decode(file.read(), type=Manifest)
        return None

    def _state(self) -> dict[str, str]:
        with suppress(OSError, ValueError), open(os.path.join(self._directory, "state.json"), encoding="ascii") as file:
            found = json.load(file)
            return {"chosen": str(found.get("chosen", "")), "previous": str(found.get("previous", ""))}
        return {"chosen": "", "previous": ""}

    def _lines(self, name: str) -> set[str]:
        with suppress(OSError), open(os.path.join(self._directory, name), encoding="ascii") as file:
            return set(file.read().split("\n")) - {""}
        return set()

    def _forget(self, newest: str) -> None:
        """Remove versions that nothing leads to any more."""
        state = self._state()
        spare = [one for one in self._names() if one not in {newest, state["chosen"], state["previous"]}]
        spare.sort(key=lambda name: os.path.getmtime(os.path.join(self._directory, name)))
        for name in spare[: max(0, len(spare) - KEPT)]:
            shutil.rmtree(os.path.join(self._directory, name), ignore_errors=True)


def note_healthy(directory: str) -> None:
    """Write down that the version that this process is of has served."""
    running = os.environ.get(RUNNING, "")
    if running:
        with suppress(OSError), open(os.path.join(directory, "healthy"), "a", encoding="ascii") as file:
            file.write(running + "\n")


def chosen(directory: str) -> str:
    """Return the id of the version that shall run."""
    return VersionDirectory(directory)._state()["chosen"]  # noqa: SLF001 -- of this very module


class _Unpacked:
    """The files of a folder one after the other, as they lie in a bundle."""

    def __init__(self, folder: str, names: list[str]) -> None:
        self._paths = iter([os.path.join(folder, *name.split("/")) for name in names])
        self._file: IO[bytes] | None = None

    def read(self, size: int) -> bytes:
        while True:
            if self._file is not None and (piece := self._file.read(size)):
                return piece
            self.close()
            path = next(self._paths, None)
            if path is None:
                return b""
            self._file = open(path, "rb")  # noqa: SIM115 -- closed when the next one begins

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


@contextmanager
def _payload(path: str, head: int, manifest: Manifest) -> Iterator["IO[bytes] | _Unpacked"]:
    if os.path.isdir(path):
        with closing(_Unpacked(path, [one.name for one in manifest.files])) as files:
            yield files
        return
    with open(path, "rb") as file:
        file.seek(head)
        yield file


@contextmanager
def _made(directory: str, place: str) -> Iterator[str]:
    """Make a folder that comes to its place whole, or not at all."""
    fresh = tempfile.mkdtemp(prefix=".new-", dir=directory)
    try:
        yield fresh
        os.chmod(fresh, 0o700)
        os.rename(fresh, place)
        _sync(directory)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _copy(file: IO[bytes] | _Unpacked, size: int, sha256: str, name: str, target: IO[bytes] | None) -> None:
    digest, left = hashlib.sha256(), size
    while left:
        piece = file.read(min(left, _PIECE))
        if not piece:
            raise BundleError("it is cut off")
        digest.update(piece)
        if target is not None:
            target.write(piece)
        left -= len(piece)
    if digest.hexdigest() != sha256:
        raise BundleError(f"a file was changed: {name}")


def _digest(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def _forget_line(path: str, line: str) -> None:
    with suppress(OSError), open(path, encoding="ascii") as file:
        lines = [one for one in file.read().split("\n") if one and one != line]
        with open(path, "w", encoding="ascii") as made:
            made.write("".join(one + "\n" for one in lines))


def _sync(directory: str) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
