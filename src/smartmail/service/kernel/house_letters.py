"""Queue entries for what the house itself writes: notices, receipts, delivery and policy reports, digests, journal copies.

NAME        house letters
PURPOSE     The second of two builders of queue entries (the first: `service.kernel.letter_entries`). One place says how a machine's
            letter travels, so that none of them causes another.
STRATEGIES  Null reverse-path (RFC 3834 §3.3, RFC 3464 §2, RFC 8098 §3) unless it is written in a person's name; NOTIFY=NEVER
            for each recipient; our Return-Path line lies before the message and stays here (RFC 5321 §4.4); SMTPUTF8 where an
            address needs it (RFC 6531 §3.4).
FAILURE     The message is durable before the entry exists; who commits it decides with what.
Must not know what a letter says, nor judge it: the checks of people's letters are `service.flow.outgoing`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.queue import NewQueueEntry, QueueClass
from smartmail.formats import trace
from smartmail.ports.clock import Clock
from smartmail.service.kernel.envelope import Envelope, Recipient
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.letter_entries import LetterEntries
from smartmail.service.kernel.sealed_blobs import SealedBlob, SealedBlobs


@dataclass(frozen=True, slots=True)
class Written:
    """A letter of the house that is durable, our Return-Path line before them."""

    blob: SealedBlob
    author: str = ""


class HouseLetters:
    """Keeps their bytes and builds their entries."""

    def __init__(self, keyring: Keyring, blobs: SealedBlobs, clock: Clock) -> None:
        self._entries = LetterEntries(keyring, clock)
        self._blobs = blobs
        self._clock = clock

    async def written(self, organization_id: OrganizationId, octets: bytes, author: str = "") -> Written:
        """Keep a letter's bytes; `author`: the reverse-path where it is sent in a person's name.

        Raises StorageFull, Unavailable.
        """
        return Written(await self._blobs.store(organization_id, trace.return_path(author) + octets), author)

    async def entry(
        self,
        written: Written,
        to: Sequence[str],
        *,
        lifetime: int,
        language: str = "en",
        header_from: str = "",
        international: bool = False,
        require_tls: bool = False,
        final: bool = False,
        journaled: bool = False,
        account_id: AccountId | None = None,
        queue_class: QueueClass | None = None,
        notice: bytes = b"",
    ) -> NewQueueEntry:
        """Return the entry of a letter for addresses; `lifetime` in milliseconds.

        `international`: its header needs SMTPUTF8 whatever the addresses are. `final`: each address is an account itself.
        `journaled`: it is a journal's copy. `notice`: the ticket of secure mail that it brings.
        """
        utf8 = international or not all(one.isascii() for one in (written.author, *to))
        envelope = Envelope(
            written.author, strip=len(trace.return_path(written.author)), language=language, header_from=header_from,
            smtputf8=utf8, require_tls=require_tls, journaled=journaled, notice=notice,
        )  # fmt: skip
        recipients = [Recipient(one, ("NEVER",), final=final) for one in to]
        return await self._entries.entry(
            written.blob, envelope, recipients, account_id=account_id, expires_at=self._clock.now() + lifetime,
            queue_class=queue_class,
        )  # fmt: skip
