"""The store's part for big files: files in parts, links, downloads."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.big_files import BigDownload, BigFile, BigLink, BigPart, FileState
from smartmail.domain.ids import AccountId, BlobId


class BigFileStore(Protocol):
    """Keeps them. A part counts as a reference to its blob."""

    async def add_big_file(self, row: BigFile, most_octets: int, audit: AuditRecord) -> None:
        """Keep a new file. Raises OverQuota where the account's files would be more than `most_octets` (0: no bound)."""
        ...

    async def big_file(self, file_id: bytes) -> BigFile | None:
        """Return a file."""
        ...

    async def big_files(self, account_id: AccountId) -> list[BigFile]:
        """Return the files of an account, the newest first."""
        ...

    async def add_big_parts(self, file_id: bytes, received: int, parts: Sequence[BigPart], expires_at: int) -> BigFile:
        """Let a file grow by parts; with the last octet it is `checking`.

        Raises StateMismatch where it has another length than `received` by now, NotFound where it is gone or whole.
        """
        ...

    async def big_parts(self, file_id: bytes, start: int = 0, end: int | None = None) -> list[BigPart]:
        """Return the parts that hold octets of [start, end), in order."""
        ...

    async def change_big_file(
        self, file_id: bytes, states: Sequence[FileState], state: FileState, sealed: bytes, checked_at: int,
        audit: AuditRecord | None = None,
    ) -> bool:  # fmt: skip
        """Turn a file from one of some states to another; False where it was in none of them."""
        ...

    async def hand_big_file(self, file_id: bytes, old: AccountId, new: AccountId, wrapped_key: bytes) -> bool:
        """Give a file and its links to another account; False where it was not the old one's."""
        ...

    async def big_files_in(self, state: FileState, checked_before: int, limit: int) -> list[BigFile]:
        """Return files in a state whose verdict is older, the oldest first."""
        ...

    async def big_files_over(self, now: int, limit: int) -> list[BigFile]:
        """Return files whose time is over, also that of all their links, and that no hold keeps."""
        ...

    async def drop_big_file(self, file_id: bytes, now: int, audit: AuditRecord | None = None) -> bool:
        """Forget a file, its links and downloads, and count its blobs down; False where a hold keeps it or it is gone."""
        ...

    async def add_big_links(self, links: Sequence[BigLink], audit: AuditRecord) -> None:
        """Keep new links."""
        ...

    async def big_link(self, link_id: bytes) -> BigLink | None:
        """Return a link."""
        ...

    async def big_link_by_token(self, token_hash: bytes) -> BigLink | None:
        """Return the link that a token opens."""
        ...

    async def big_links(self, account_id: AccountId) -> list[BigLink]:
        """Return the links of an account, the newest first."""
        ...

    async def change_big_link(
        self, link_id: bytes, *, expires_at: int, most: int, revoked_at: int, sealed: bytes, audit: AuditRecord
    ) -> bool:
        """Write what its owner decided; False where it is gone."""
        ...

    async def seal_big_link(self, link_id: bytes, before: bytes, sealed: bytes) -> bool:
        """Replace what is sealed in a link; False where somebody else did since `before`."""
        ...

    async def try_big_link(self, link_id: bytes, now: int, most: int, pause: int) -> bool:
        """Count a try of its password or code; False, and nothing is counted, after `most` within `pause`."""
        ...

    async def take_big_link(self, link_id: bytes, now: int, download: BigDownload) -> bool:
        """Begin a download and count it, once; False where the link has ended or is used up."""
        ...

    async def big_download(self, ticket_hash: bytes) -> BigDownload | None:
        """Return the download that a ticket belongs to."""
        ...

    async def note_big_download(self, download_id: bytes, octets: int, now: int, *, complete: bool) -> None:
        """Add octets that were sent; what was complete once stays so."""
        ...

    async def big_downloads(self, link_ids: Sequence[bytes], limit: int) -> list[BigDownload]:
        """Return downloads of links, the newest first."""
        ...

    async def big_links_ending(self, now: int, before: int, limit: int) -> list[BigLink]:
        """Return living links that end between two times and of which nobody was reminded."""
        ...

    async def remind_big_link(self, link_id: bytes, now: int) -> bool:
        """Note that somebody was reminded; False where it was noted before."""
        ...

    async def big_blobs(self, after: tuple[bytes, int], limit: int) -> list[tuple[bytes, int, BlobId]]:
        """Return file, number and blob of all parts after one, in order: for who counts references."""
        ...
