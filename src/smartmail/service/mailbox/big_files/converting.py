"""Big attachments of mail that a program submits become links: before it is queued and signed.

STRATEGIES  Each attachment above the policy's size becomes a big file of the sender's; in the message stands a note with its
            link, as where an attachment was deleted (formats.detach): all else stays as it is, byte for byte. With
            `big-files.per-recipient` every recipient outside gets a message with a link of their own.
LIMITS      Octets go from blob to blob, CHUNK at a time.
FAILURE     What policy refuses as a big file (room, size) is refused as mail: nobody gets half of it.
SECURITY    Signed and encrypted messages are left alone: a note inside would break what they prove.
"""

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.big_files import BigFile
from smartmail.domain.ids import OrganizationId
from smartmail.domain.principal import Actor
from smartmail.formats.detach import Note, pieces
from smartmail.formats.mime.parts import Part
from smartmail.formats.mime.transfer import decoder
from smartmail.policy import knobs
from smartmail.ports.store_accounts import AccountStore
from smartmail.service.kernel.intake import Content, Intake
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.mailbox.big_files.letters import date_text, size_text
from smartmail.service.mailbox.big_files.links import BigLinks, LinkWish
from smartmail.service.mailbox.big_files.uploading import BigUploads

CHUNK: Final = 256 * 1024
_SEALED: Final = frozenset(
    {"multipart/signed", "multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"}
)

Contents = Mapping[OrganizationId, Content]


@dataclass(frozen=True, slots=True)
class _Kept:
    """An attachment that became a file: its place in the table of parts, and what it was."""

    index: int
    name: str
    file: BigFile
    sha256: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a message's attachments became, and for whom: `inside` says whether people inside get links too."""

    account: Account
    actor: Actor
    kept: tuple[_Kept, ...]
    subject: str
    inside: bool
    per_recipient: bool


class BigAttachments:
    """Converts."""

    def __init__(
        self, store: AccountStore, blobs: SealedBlobs, policy: PolicyService, uploads: BigUploads, links: BigLinks
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._policy = policy
        self._uploads = uploads
        self._links = links

    async def begin(self, actor: Actor, content: Content, *, outside: bool) -> Conversion | None:
        """Keep a message's big attachments as files; None where nothing of it becomes a link.

        Raises OverQuota, TooLarge, StorageFull, Unavailable.
        """
        account = await self._store.account(actor.account_id)
        policy = await self._policy.of(account)
        inside = policy[knobs.BIG_FILES_INSIDE] == "link"
        if not policy[knobs.BIG_FILES] or not policy[knobs.BIG_FILES_SWITCH_OCTETS] or not (outside or inside):
            return None
        if content.blob.row.size <= policy[knobs.BIG_FILES_SWITCH_OCTETS]:
            return None
        parts = content.summary.parts
        chosen = [
            index for index in _removable(parts) if parts[index].decoded_size > policy[knobs.BIG_FILES_SWITCH_OCTETS]
        ]
        if not chosen or any(part.type in _SEALED for part in parts if not part.nested):
            return None
        kept = [await self._keep(account, actor, content, index) for index in chosen]
        return Conversion(
            account, actor, tuple(kept), content.summary.subject, inside, policy[knobs.BIG_FILES_PER_RECIPIENT]
        )

    async def rewritten(
        self, conversion: Conversion, contents: Contents, recipient: str
    ) -> dict[OrganizationId, Content]:
        """Return the message with links for a recipient ("": for whoever gets it). Raises Invalid, StorageFull."""
        notes = {one.index: await self._note(conversion, one, recipient) for one in conversion.kept}
        return {home: await self._without(content, notes) for home, content in contents.items()}

    async def _keep(self, account: Account, actor: Actor, content: Content, index: int) -> _Kept:
        part = content.summary.parts[index]
        name = part.name or f"{part.section}.bin"
        # The size is known when it is decoded: read once to count, once to keep.
        size = 0
        async for chunk in self._decoded(content, part):
            size += len(chunk)
        row = await self._uploads.begin_for(account, name, part.type, size, actor)
        digest, growth = hashlib.sha256(), await self._uploads.grow(actor, row.id, 0)
        try:
            async for chunk in self._decoded(content, part):
                digest.update(chunk)
                await growth.feed(chunk)
            row = await growth.settle()
        except BaseException:
            await growth.drop()
            raise
        return _Kept(index, name, row, digest.hexdigest())

    async def _note(self, conversion: Conversion, one: _Kept, recipient: str) -> Note:
        wish = LinkWish(recipient, conversion.subject[:1000])
        [link] = await self._links.make_for(conversion.account, one.file, [wish], conversion.actor)
        note = "file.note.view" if link.text.view_only else "file.note"
        text = translate(
            conversion.account.language or "ko", note, name=one.name, size=size_text(one.file.size),
            date=date_text(link.row.expires_at), url=link.url,
        )  # fmt: skip
        return Note(one.name, one.file.size, one.sha256, text)

    async def _without(self, content: Content, notes: dict[int, Note]) -> Content:
        blob, summary = content.blob, content.summary
        header = await self._blobs.read(blob.row, blob.organization_id, blob.data_key, 0, summary.header_size)
        intake = await Intake.begin(self._blobs, blob.organization_id)
        try:
            for piece in pieces(summary.parts, notes, blob.row.size, header):
                if isinstance(piece, bytes):
                    await intake.feed(piece)
                    continue
                async for chunk in self._octets(content, *piece):
                    await intake.feed(chunk)
        except BaseException:
            await intake.abort()
            raise
        return await intake.finish()

    async def _decoded(self, content: Content, part: Part) -> AsyncIterator[bytes]:
        decoding = decoder(part.encoding)
        async for chunk in self._octets(content, part.body_start, part.body_end):
            yield decoding.feed(chunk)
        yield decoding.finish()

    async def _octets(self, content: Content, start: int, end: int) -> AsyncIterator[bytes]:
        blob = content.blob
        while start < end:
            chunk = await self._blobs.read(
                blob.row, blob.organization_id, blob.data_key, start, min(CHUNK, end - start)
            )
            if not chunk:
                return
            yield chunk
            start += len(chunk)


def _removable(parts: Sequence[Part]) -> list[int]:
    """Return where the files of a message stand in its table: not pictures that the text shows."""
    return [index for index, part in enumerate(parts) if part.is_file and not part.is_multipart and not part.nested]
