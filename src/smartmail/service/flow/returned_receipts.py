"""Read receipts that come back (RFC 8098 §3) are told to the story of the mail that they are about.

STRATEGIES  A message that says it is a receipt is looked at once more after it was delivered to a person of ours; the mail
            it names is found among the stories of what that person sent.
SECURITY    A receipt is a claim of whoever sent it: it counts only for an address that the mail went to, once for each, and
            is shown as told, never as known.
LIMITS      MAX_OCTETS; a longer one comes with the whole original and is not read for this.
FAILURE     What cannot be read is passed over: the message itself lies in the mailbox like any other.
"""

import asyncio
from typing import Final

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.errors import MailError
from smartmail.domain.trace import Event
from smartmail.formats import mdn
from smartmail.formats.address import normalize
from smartmail.formats.headers import Header
from smartmail.formats.mdn import Receipt
from smartmail.formats.seal import SealError
from smartmail.formats.summary import Summary
from smartmail.service.flow.tracing.recording import Tracer
from smartmail.service.flow.tracing.service import Marks, Story, TraceService
from smartmail.service.kernel.intake import Content
from smartmail.service.kernel.sealed_blobs import SealedBlobs

MAX_OCTETS: Final = 256 << 10
_STORIES: Final = 20


class ReturnedReceipts:
    """Hears of messages that were delivered."""

    def __init__(self, trace: TraceService, tracer: Tracer, blobs: SealedBlobs) -> None:
        self._trace = trace
        self._tracer = tracer
        self._blobs = blobs

    async def came(self, account: Account, content: Content) -> None:
        """Tell the story of the mail that a receipt is about. Never raises."""
        if not is_receipt(content.summary) or content.blob.row.size > MAX_OCTETS:
            return
        try:
            await self._told(account, content)
        except (MailError, SealError, ValueError) as error:
            log.event("receipt.unreadable", account=account.id, error=type(error).__name__)

    async def _told(self, account: Account, content: Content) -> None:
        blob = content.blob
        octets = await self._blobs.read(blob.row, blob.organization_id, blob.data_key)
        receipt = await asyncio.to_thread(mdn.parse, octets)
        if receipt is None or not receipt.original_message_id:
            return
        marks = Marks(message_id=receipt.original_message_id, organization_id=account.organization_id, limit=_STORIES)
        for story in await self._trace.find(marks):
            if story.facts.account_id != account.id:
                continue
            recipient = _about(story, receipt)
            if recipient:
                event = Event("notified", recipient, act=receipt.disposition)
                self._tracer.note(story.organization_id, story.id, event)


def is_receipt(summary: Summary) -> bool:
    """Whether a message says that it is a disposition notification."""
    fields = summary.header_fields(["content-type"])
    if fields is None:
        return False
    said = (Header(fields).first("content-type") or b"").lower()
    return said.strip().startswith(b"multipart/report") and b"disposition-notification" in said


def _about(story: Story, receipt: Receipt) -> str:
    """Return the recipient of the mail that a receipt speaks of, "" when there is none or one has spoken already."""
    spoken = {normalize(one.recipient) for _, one in story.events if one.kind == "notified"}
    named = {normalize(one) for one in (receipt.original_recipient, receipt.final_recipient) if one} - spoken
    return next((one for one in story.facts.recipients if normalize(one) in named), "")
