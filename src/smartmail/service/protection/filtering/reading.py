"""A kept message as a filter reads it: the same tokens as when it came."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, MessageId, OrganizationId
from smartmail.domain.inspection import AuthResult, Inspection
from smartmail.formats.headers import Header
from smartmail.formats.seal import SealError
from smartmail.formats.spam.features import features
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.ports.store_mail import MailReads
from smartmail.service.kernel.inspection.keeping import open_inspection
from smartmail.service.kernel.intake import open_summary
from smartmail.service.kernel.keyring import Sealer
from smartmail.service.kernel.sealed_blobs import SealedBlobs


class _Store(BlobRowStore, MailReads, Protocol): ...


HEAD_OCTETS = 1 << 20
"""As much as of a message on its way in is held in memory."""


def known_tokens(authentication: Iterable[AuthResult], *, aligned: bool) -> list[str]:
    """Return what other steps found out, as tokens."""
    found = [f"a:{one.method}={one.result}" for one in authentication]
    return [*found, "a:aligned"] if aligned else found


class MessageReader:
    """Opens messages of accounts as the system."""

    def __init__(self, store: _Store, blobs: SealedBlobs) -> None:
        self._store = store
        self._blobs = blobs

    async def tokens(
        self, keys: Sealer, organization_id: OrganizationId, account_id: AccountId, message_id: MessageId
    ) -> tuple[list[str], Inspection | None]:
        """Return a message's tokens and what was found out about it. Raises NotFound, Unavailable, SealError."""
        rows = await self._store.messages(account_id, [message_id])
        summaries = await self._store.summaries(account_id, [message_id])
        if not rows or not summaries:
            raise NotFound
        row, (_id, blob_id, sealed) = rows[0], summaries[0]
        summary = open_summary(keys, blob_id, sealed)
        blob = await self._store.blob(row.blob_id)
        data_key = keys.unwrap(row.blob_id, row.wrapped_key)
        octets = await self._blobs.read(blob, organization_id, data_key, 0, HEAD_OCTETS)
        inspection = self._inspection(keys, await self._store.inspections(account_id, [message_id]))
        known = [] if inspection is None else known_tokens(inspection.authentication, aligned=inspection.aligned)
        header = Header(octets[: summary.header_size])
        return features(header, summary, octets, known), inspection

    @staticmethod
    def _inspection(keys: Sealer, found: Sequence[tuple[MessageId, bytes, bytes]]) -> Inspection | None:
        try:
            return open_inspection(keys, found[0][1], found[0][2]) if found and found[0][2] else None
        except (SealError, ValueError):
            return None
