"""Big attachments of mail that a program submits become links: before it is queued and signed.

STRATEGIES  Each attachment above the policy's size becomes a big file of the sender's; in the message stands a note with its
            link, as where an attachment was deleted (formats.detach): all else stays as it is, byte for byte. With
            `big-files.per-recipient` every recipient outside gets a message with a link of their own.
FAILURE     What policy refuses as a big file (room, size) is refused as mail: nobody gets half of it.
SECURITY    Signed and encrypted messages are left alone: a note inside would break what they prove.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.big_files import BigFile
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor
from smartmail.formats.detach import Note, pieces
from smartmail.formats.mime.parts import Part
from smartmail.policy import knobs
from smartmail.ports.store_accounts import AccountStore
from smartmail.service.kernel.intake import Content
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.rewriting import decoded, reader_of, rewritten
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.mailbox.big_files.letters import date_text, size_text
from smartmail.service.mailbox.big_files.links import BigLinks, LinkWish
from smartmail.service.mailbox.big_files.uploading import BigUploads

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
    message_id: str
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
        return _conversion(
            account, actor, kept, content, inside=inside, per_recipient=policy[knobs.BIG_FILES_PER_RECIPIENT]
        )

    async def may(self, account_id: AccountId) -> bool:
        """Say whether an account may have links at all. Raises NotFound."""
        return bool((await self._policy.of(await self._store.account(account_id)))[knobs.BIG_FILES])

    async def of_files(self, actor: Actor, content: Content, chosen: Sequence[int]) -> Conversion:
        """Keep these attachments, by their index, as files whatever their size. Raises as `begin`."""
        account = await self._store.account(actor.account_id)
        kept = [await self._keep(account, actor, content, index) for index in chosen]
        return _conversion(account, actor, kept, content, inside=True, per_recipient=False)

    async def rewritten(
        self, conversion: Conversion, contents: Contents, recipient: str
    ) -> dict[OrganizationId, Content]:
        """Return the message with links for a recipient ("": for whoever gets it). Raises Invalid, StorageFull."""
        notes = {one.index: await self._note(conversion, one, recipient) for one in conversion.kept}
        return {home: await self._without(content, notes) for home, content in contents.items()}

    async def _keep(self, account: Account, actor: Actor, content: Content, index: int) -> _Kept:
        part, read = content.summary.parts[index], reader_of(self._blobs, content.blob)
        name = part.name or f"{part.section}.bin"
        # The size is known when it is decoded: read once to count, once to keep.
        size = 0
        async for chunk in decoded(read, part):
            size += len(chunk)
        row = await self._uploads.begin_for(account, name, part.type, size, actor)
        digest, growth = hashlib.sha256(), await self._uploads.grow(actor, row.id, 0)
        try:
            async for chunk in decoded(read, part):
                digest.update(chunk)
                await growth.feed(chunk)
            row = await growth.settle()
        except BaseException:
            await growth.drop()
            raise
        return _Kept(index, name, row, digest.hexdigest())

    async def _note(self, conversion: Conversion, one: _Kept, recipient: str) -> Note:
        wish = LinkWish(recipient, conversion.subject[:1000], letter=conversion.message_id[:1000])
        [link] = await self._links.make_for(conversion.account, one.file, [wish], conversion.actor)
        note = "file.note.view" if link.text.view_only else "file.note"
        text = translate(
            conversion.account.language or "ko", note, name=one.name, size=size_text(one.file.size),
            date=date_text(link.row.expires_at), url=link.url,
        )  # fmt: skip
        return Note(one.name, one.file.size, one.sha256, text)

    async def _without(self, content: Content, notes: dict[int, Note]) -> Content:
        blob, summary = content.blob, content.summary
        read = reader_of(self._blobs, blob)
        header = await read(0, summary.header_size)
        new = pieces(summary.parts, notes, blob.row.size, header)
        return await rewritten(self._blobs, blob.organization_id, read, new)


def _conversion(
    account: Account, actor: Actor, kept: Sequence[_Kept], content: Content, *, inside: bool, per_recipient: bool
) -> Conversion:
    summary = content.summary
    message_id = "".join(summary.ids.message_id[:1])
    return Conversion(account, actor, tuple(kept), summary.subject, message_id, inside, per_recipient)


def _removable(parts: Sequence[Part]) -> list[int]:
    """Return where the files of a message stand in its table: not pictures that the text shows."""
    return [index for index, part in enumerate(parts) if part.is_file and not part.is_multipart and not part.nested]
