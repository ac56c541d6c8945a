"""Changed letters: a letter as leak rules let it leave: masked texts, notes where files were taken out or are behind links.

STRATEGIES  Texts and subject first, then links, then files that go, each in one pass from blob to blob: what stays is copied as
            it is. The letter that its sender keeps is another one and is not touched.
LIMITS      Links are those of big attachments (service.mailbox.big_files), one for all recipients.
FAILURE     The new letter is durable before it is queued; a crash before leaves the old one unsent.
Must not know rules, nor what was found.
"""

import hashlib
from collections.abc import Iterable

from smartmail.base.i18n import translate
from smartmail.domain.principal import Actor
from smartmail.formats import detach, footer
from smartmail.formats.headers import encode_unstructured, exclude
from smartmail.policy import knobs
from smartmail.ports.store_accounts import AccountStore
from smartmail.service.flow.outgoing.shaping import Contents
from smartmail.service.kernel.intake import Content
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.rewriting import decoded, reader_of, rewritten
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.mailbox.big_files.converting import BigAttachments
from smartmail.service.protection.leaks import Changes


class ChangedLetters:
    """Writes them."""

    def __init__(self, store: AccountStore, blobs: SealedBlobs, policy: PolicyService, big: BigAttachments) -> None:
        self._store = store
        self._blobs = blobs
        self._policy = policy
        self._big = big

    async def write(self, contents: Contents, changes: Changes, actor: Actor) -> Contents:
        """Return a letter with its changes, for each organisation that holds it.

        Raises NotFound, OverQuota and TooLarge (a file behind a link), StorageFull, Unavailable.
        """
        if not changes:
            return contents
        account = await self._store.account(actor.account_id)
        language = (await self._policy.of(account))[knobs.LANGUAGE]
        # The table of parts stays as it is until files go: what is behind a link has a note in its place.
        contents = {home: await self._texts(content, changes) for home, content in contents.items()}
        if changes.links:
            kept = await self._big.of_files(actor, next(iter(contents.values())), changes.links)
            contents = await self._big.rewritten(kept, contents, "")
        return {home: await self._without(content, changes, language) for home, content in contents.items()}

    async def _texts(self, content: Content, changes: Changes) -> Content:
        if changes.subject is not None or changes.texts:
            header = _with_subject(await self._header(content), changes.subject)
            summary = content.summary
            pieces = footer.pieces(summary.parts, changes.texts, content.blob.row.size, header)
            return await self._rewritten(content, pieces)
        return content

    async def _without(self, content: Content, changes: Changes, language: str) -> Content:
        if changes.files:
            notes = {index: await self._note(content, index, name, language) for index, name in changes.files.items()}
            header = await self._header(content)
            pieces = detach.pieces(content.summary.parts, notes, content.blob.row.size, header)
            content = await self._rewritten(content, pieces)
        return content

    async def _rewritten(self, content: Content, pieces: Iterable[bytes | tuple[int, int]]) -> Content:
        blob = content.blob
        return await rewritten(self._blobs, blob.organization_id, reader_of(self._blobs, blob), pieces)

    async def _note(self, content: Content, index: int, name: str, language: str) -> detach.Note:
        part = content.summary.parts[index]
        digest, size = hashlib.sha256(), 0
        async for chunk in decoded(reader_of(self._blobs, content.blob), part):
            digest.update(chunk)
            size += len(chunk)
        key = "leaks.taken_out" if name else "leaks.taken_out.nameless"
        return detach.Note(name, size, digest.hexdigest(), translate(language, key, name=name))

    async def _header(self, content: Content) -> bytes:
        return await reader_of(self._blobs, content.blob)(0, content.summary.parts[0].body_start)


def _with_subject(header: bytes, subject: str | None) -> bytes:
    """Return a header with another subject; Thread-Topic repeats the old one and goes."""
    if subject is None:
        return header
    return exclude(header, ("subject", "thread-topic"))[:-2] + encode_unstructured("Subject", subject) + b"\r\n"
