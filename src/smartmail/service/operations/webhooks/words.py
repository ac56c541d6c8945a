"""The sealed part of a webhook: address, label, secrets. Opened and sealed in one place."""

from dataclasses import dataclass, field, replace

import msgspec

from smartmail.domain.admin_api import WebhookRow
from smartmail.domain.ids import OrganizationId
from smartmail.formats.seal import Kind
from smartmail.service.kernel.keyring import Keyring


@dataclass(frozen=True, slots=True)
class Words:
    """`old` still signs until `old_until` (milliseconds): receivers change over in their own time."""

    url: str
    label: str = ""
    secret: str = field(default="", repr=False)
    old: str = field(default="", repr=False)
    old_until: int = 0

    def secrets(self, now: int) -> list[str]:
        """Return the secrets that sign now."""
        return [self.secret, *([self.old] if self.old and now < self.old_until else [])]


async def open_words(keyring: Keyring, row: WebhookRow) -> Words:
    """Return the sealed part. Raises SealError."""
    sealer = await keyring.organization(row.organization_id)
    return msgspec.json.decode(sealer.open(Kind.WEBHOOK, row.sealed, row.created_at), type=Words)


async def seal_words(keyring: Keyring, organization_id: OrganizationId, created_at: int, words: Words) -> bytes:
    """Return it sealed."""
    sealer = await keyring.organization(organization_id)
    return sealer.seal(Kind.WEBHOOK, msgspec.json.encode(words), created_at)


async def with_words(keyring: Keyring, row: WebhookRow, words: Words) -> WebhookRow:
    """Return a row with another sealed part."""
    return replace(row, sealed=await seal_words(keyring, row.organization_id, row.created_at, words))
