"""Pack files being written: by this process alone, append only, and never again once closed.

A small blob is one write of header and body; a large one has a file of its own, whose record header is written last,
just before its sync: a file with a blank header is a blob that never was.
"""

import errno
import os
from collections.abc import Callable, Sequence

from smartmail.adapters.volumes.files import Files, no_space, write_all
from smartmail.adapters.volumes.group_sync import GroupSync, SyncThread
from smartmail.adapters.volumes.layout import Layout
from smartmail.adapters.volumes.records import (
    FILE_HEADER_OCTETS,
    RECORD_HEADER_OCTETS,
    Place,
    RecordHeader,
    encode_header,
    file_header,
)


def new_pack(files: Files, layout: Layout, name: str, volume_id: bytes) -> int:
    """Make a pack file, locked by us, its header written. Raises OSError and leaves nothing."""
    path = layout.pack(name)
    descriptor = files.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL)
    try:
        _take_over(files, descriptor)
        write_all(files, descriptor, [file_header(name, volume_id)], 0)
    except BaseException:
        files.close(descriptor)
        _unlink_quietly(files, path)
        raise
    return descriptor


def _take_over(files: Files, descriptor: int) -> None:
    # A sweep may look at the new file before it is locked; it would unlink only while it holds the lock.
    if not files.lock(descriptor) or files.stat(descriptor).links != 1:
        raise OSError(errno.EBUSY, "the new pack was taken")


def _unlink_quietly(files: Files, path: str) -> None:
    try:
        files.unlink(path)
    except OSError:
        # It holds nothing that was promised; a sweep takes it away.
        return


class OpenPack:
    """The pack that this process appends small blobs to."""

    def __init__(
        self,
        files: Files,
        layout: Layout,
        name: str,
        volume_id: bytes,
        thread: SyncThread,
        coming: Callable[[], bool] = lambda: False,
    ) -> None:
        self.name = name
        self.end = FILE_HEADER_OCTETS
        self.broken = False
        """Nothing more may be appended: what lies behind `end` is not known."""
        self._files = files
        self._directory = layout.directory(name)
        self._path = layout.pack(name)
        self._descriptor = new_pack(files, layout, name, volume_id)
        self._named = False
        self.group = GroupSync(self._sync, thread, coming)

    def append(self, header: RecordHeader, body: Sequence[bytes]) -> Place:
        """Write one record into the page cache. Raises OSError, and then the pack is as it was or broken."""
        place = Place(self.name, self.end, header.size)
        try:
            self.end = write_all(self._files, self._descriptor, [encode_header(header), *body], self.end)
        except OSError as error:
            self._roll_back()
            # Only "no space" leaves the file in a state that we know.
            self.broken = self.broken or not no_space(error)
            raise
        return place

    def _roll_back(self) -> None:
        try:
            self._files.truncate(self._descriptor, self.end)
        except OSError:
            self.broken = True

    def _sync(self) -> None:
        self._files.sync(self._descriptor)
        if not self._named:
            # A new file's name is durable only with its directory.
            self._files.sync_directory(self._directory)
            self._named = True

    def finish(self) -> None:
        """Take no more records; close the file once the syncs under way have ended."""
        self.group.when_idle(self._close)

    def _close(self) -> None:
        self._files.close(self._descriptor)
        if self.end == FILE_HEADER_OCTETS:
            _unlink_quietly(self._files, self._path)


class LargeFile:
    """One large blob in a file of its own. All calls run in a thread, one at a time."""

    def __init__(self, files: Files, layout: Layout, name: str, volume_id: bytes) -> None:
        self.name = name
        self._files = files
        self._path = layout.pack(name)
        self._directory = layout.directory(name)
        self._descriptor = new_pack(files, layout, name, volume_id)
        self._end = FILE_HEADER_OCTETS + RECORD_HEADER_OCTETS
        self._open = True

    def write(self, parts: Sequence[bytes]) -> None:
        """Append octets. Raises OSError."""
        self._end = write_all(self._files, self._descriptor, parts, self._end)

    def complete(self, header: RecordHeader) -> Place:
        """Write the record header. Raises OSError; until the sync nothing is promised."""
        write_all(self._files, self._descriptor, [encode_header(header)], FILE_HEADER_OCTETS)
        return Place(self.name, FILE_HEADER_OCTETS, header.size)

    def sync(self) -> None:
        """Make file and name durable. An OSError is fatal to the process."""
        self._files.sync(self._descriptor)
        self._files.sync_directory(self._directory)

    def close(self) -> None:
        """Keep the blob."""
        if self._open:
            self._open = False
            self._files.close(self._descriptor)

    def drop(self) -> None:
        """Remove the blob."""
        if self._open:
            self.close()
            _unlink_quietly(self._files, self._path)
