"""Where the files of a pack volume lie, and its identity.

DIR/volume              the volume's own random id; made once
DIR/packs/ID.pack       many small blobs, appended by the one process that made it
DIR/large/XX/ID.pack    one large blob; XX are the last two digits, so that no directory grows too long
… .dead                 beside a pack: what was deleted from it
"""

import contextlib
import os
from collections.abc import Callable, Iterator

from smartmail.adapters.volumes.files import Files, write_all
from smartmail.ports.blobs import OtherVolume, VolumeUnavailable

_SHARDS = 256
_IDENTITY = "SmartMail volume, version 1\nid: "
_VOLUME_ID_OCTETS = 16


class Layout:
    """Paths of one volume."""

    def __init__(self, root: str, files: Files) -> None:
        self.root = root
        self._files = files

    def prepare(self, random: Callable[[int], bytes], expected: str = "") -> bytes:
        """Make the directories and the identity unless they exist; return the 16 octets of the identity.

        `expected`: its hexadecimal digits, where the volume must exist: then nothing is made elsewhere, for the place
        of a disk that is not mounted is an empty directory. Raises VolumeUnavailable: not writable, not a volume, or of
        a newer version, or another one.
        """
        try:
            if expected and not self.holds(bytes.fromhex(expected)):
                raise OtherVolume(f"the volume {expected} is not at {self.root}")
            for directory in self._directories():
                self._files.make_directory(directory)
            identity = self._read_identity()
            if identity is None:
                self._make_identity(random)
                identity = self._read_identity()
        except OSError as error:
            raise VolumeUnavailable(f"the volume {self.root} cannot be used: {error}") from error
        assert identity is not None
        return identity

    def holds(self, identity: bytes) -> bool:
        """Say whether the volume of that identity lies here now. Raises OSError, VolumeUnavailable."""
        return self._read_identity() == identity

    def known(self) -> str | None:
        """Return the identity of the volume that lies here, None where there is none. Raises OSError, VolumeUnavailable."""
        identity = self._read_identity()
        return None if identity is None else identity.hex()

    def release(self) -> None:
        """Make it no volume any more. Raises OSError."""
        self._files.unlink(self._join("volume"))
        self._files.sync_directory(self.root)

    def _directories(self) -> Iterator[str]:
        yield self.root
        yield self._join("packs")
        yield self._join("large")
        for shard in range(_SHARDS):
            yield self._join("large", f"{shard:02x}")

    def _make_identity(self, random: Callable[[int], bytes]) -> None:
        # The directories are durable before the identity says that this is a volume.
        for directory in (self._join("large"), self.root, os.path.dirname(self.root) or "."):
            self._files.sync_directory(directory)
        beside = self._join(f"volume.{random(4).hex()}.new")
        descriptor = self._files.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        try:
            text = f"{_IDENTITY}{random(_VOLUME_ID_OCTETS).hex()}\n"
            write_all(self._files, descriptor, [text.encode("ascii")], 0)
            self._files.sync(descriptor)
        finally:
            self._files.close(descriptor)
        # Two processes may start at once: the first link wins, and both read the winner's.
        with contextlib.suppress(FileExistsError):
            self._files.link(beside, self._join("volume"))
        self._files.unlink(beside)
        self._files.sync_directory(self.root)

    def _read_identity(self) -> bytes | None:
        try:
            descriptor = self._files.open(self._join("volume"), os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            text = self._files.read(descriptor, 200, 0).decode("ascii", "replace")
        finally:
            self._files.close(descriptor)
        try:
            identity = bytes.fromhex(text.removeprefix(_IDENTITY))
        except ValueError:
            identity = b""
        if len(identity) != _VOLUME_ID_OCTETS:
            raise VolumeUnavailable(f"{self.root} is not a volume of this version")
        return identity

    def pack(self, name: str) -> str:
        """Return the path of a pack by its name."""
        return os.path.join(self.directory(name), f"{name[1:]}.pack")

    def dead(self, name: str) -> str:
        """Return the path of a pack's dead list."""
        return os.path.join(self.directory(name), f"{name[1:]}.dead")

    def directory(self, name: str) -> str:
        """Return the directory of a pack."""
        return self._join("packs") if name[0] == "p" else self._join("large", name[-2:])

    def names(self, kinds: str = "pl") -> Iterator[str]:
        """Return the names of all packs, small ones first."""
        if "p" in kinds:
            yield from self._names_in("p", self._join("packs"))
        if "l" in kinds:
            for shard in range(_SHARDS):
                yield from self._names_in("l", self._join("large", f"{shard:02x}"))

    def _names_in(self, kind: str, directory: str) -> Iterator[str]:
        for file in self._files.list(directory):
            stem, _, suffix = file.partition(".")
            if suffix == "pack" and len(stem) == 12:
                yield kind + stem

    def _join(self, *parts: str) -> str:
        return os.path.join(self.root, *parts)
