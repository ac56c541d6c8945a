"""The sealed parts of queue entries: envelope, recipient, last result.

Sealed under the organisation's queue key and bound to entry and number, so that rows cannot be swapped.
"""

from collections.abc import Sequence

import msgspec

from smartmail.domain.ids import AccountId, OrganizationId, QueueEntryId
from smartmail.domain.message import BlobRow
from smartmail.domain.queue import (
    HoldReason,
    NewQueueEntry,
    NewRecipient,
    QueueClass,
    QueueEntryRow,
    QueueRecipient,
    lane_of,
)
from smartmail.formats.address import split_address
from smartmail.formats.seal import Kind, Purpose, SealKey
from smartmail.service.kernel.keyring import Sealer


class Envelope(msgspec.Struct, frozen=True, array_like=True):
    """Reverse-path and the parameters of the whole message (RFC 5321, 3461, 6531).

    `strip` counts octets at the start of the blob that stay here (our Return-Path line). `inspection`: what was found
    out about a message from outside (domain.inspection), as octets.
    """

    reverse_path: str
    ret: str = ""
    envid: str = ""
    smtputf8: bool = False
    body8bit: bool = True
    strip: int = 0
    language: str = "en"
    header_from: str = ""
    inspection: bytes = b""
    lines: bytes = b""
    """Header fields of ours that go before the message when it leaves (loop marks, ways off a list)."""
    sign_domain: str = ""
    """A domain of ours that signs although no account of ours sent it: that of a list."""
    passage: bytes = b""
    """How far the message has come through a list (domain.addressing.Passage), as octets."""
    journaled: bool = False
    """It is a journal's copy, or a copy of it was made already: none is made again."""
    foreign: bool = False
    """It came from somebody who is not proved to be one of us, and goes on: nothing of ours signs it as its author."""
    require_tls: bool = False
    """The sender asked that it go over proven TLS only (REQUIRETLS, RFC 8689)."""
    notice: bytes = b""
    """The ticket of a secure letter whose notice it is (domain.secure_mail): its sender is told what becomes of it."""
    secure: bytes = b""
    """How it leaves as secure mail once it waits no more (secure_mail.waiting): nobody outside ever gets it as it is."""


class Recipient(msgspec.Struct, frozen=True, array_like=True):
    """One forward-path with its DSN parameters (RFC 3461 §4.1, §4.2).

    `delivery_key`: the duplicate key of a local delivery that was begun and waits here to be ended, else empty.
    """

    address: str
    notify: tuple[str, ...] = ()
    orcpt: str = ""
    delivery_key: bytes = b""
    final: bool = False
    """The account itself, whatever else its address stands for: the outcome of an expansion."""
    stay: bool = False
    """It came from the other system of a shared domain and does not go back there."""
    via: str = ""
    """The way it goes, where that is not its own domain's (service.flow.routing)."""


class Result(msgspec.Struct, frozen=True, array_like=True):
    """The last answer for a recipient: reply code 0 when there was no reply."""

    code: int
    enhanced: str
    text: str
    host: str = ""
    at: int = 0
    tls: str = ""
    cipher: str = ""
    verified: str = ""
    """`tls` and `cipher`: how the connection was sealed; `verified`: what proved the host (domain.transport.PolicyKind)."""


BULK_RECIPIENTS = 200
"""A message to more than so many in one entry is bulk."""


def sender_hash(keys: Sealer, address: str) -> bytes:
    """Return the keyed hash under which a reverse-path is found."""
    return keys.hash(Purpose.QUEUE_ADDRESS, b"from", address.lower().encode())


def recipient_hash(keys: Sealer, address: str) -> bytes:
    """Return the keyed hash under which a forward-path is found."""
    return keys.hash(Purpose.QUEUE_ADDRESS, address.lower().encode())


def new_entry(
    keys: Sealer,
    entry_id: QueueEntryId,
    blob: BlobRow,
    data_key: SealKey,
    envelope: Envelope,
    recipients: Sequence[Recipient],
    *,
    created_at: int,
    expires_at: int,
    account_id: AccountId | None = None,
    hold: HoldReason | None = None,
    next_at: int = 0,
    queue_class: QueueClass | None = None,
) -> NewQueueEntry:
    """Return an entry ready for the store, sealed under the organisation's queue key (`keys`).

    `queue_class`: how it shares the queue with others; without it reports and mail to very many are known by themselves.
    """
    sender = envelope.reverse_path
    kind = queue_class or ("report" if not sender else "bulk" if len(recipients) > BULK_RECIPIENTS else "person")
    return NewQueueEntry(
        id=entry_id,
        organization_id=keys_owner(keys),
        blob=blob,
        wrapped_key=keys.wrap(blob.id, data_key),
        sealed_envelope=keys.seal(Kind.ENVELOPE, msgspec.msgpack.encode(envelope), entry_id),
        size=blob.size,
        created_at=created_at,
        expires_at=expires_at,
        recipients=tuple(
            _new_recipient(keys, entry_id, number, one, hold, next_at or created_at)
            for number, one in enumerate(recipients)
        ),
        account_id=account_id,
        lane=lane_of(kind, keys_owner(keys), account_id),
        sender_hash=sender_hash(keys, sender) if sender else b"",
        sender_domain=split_address(sender)[1].lower(),
    )


def _new_recipient(
    keys: Sealer, entry_id: QueueEntryId, number: int, one: Recipient, hold: HoldReason | None, next_at: int
) -> NewRecipient:
    return NewRecipient(
        domain=one.via or split_address(one.address)[1].lower(),
        address_hash=recipient_hash(keys, one.address),
        sealed=keys.seal(Kind.ENVELOPE, msgspec.msgpack.encode(one), entry_id, number + 1),
        state="held" if hold else "ready",
        hold_reason=hold,
        next_at=next_at,
    )


def keys_owner(keys: Sealer) -> OrganizationId:
    """Return the organisation that a queue sealer belongs to."""
    return OrganizationId(keys.owner)


def open_envelope(keys: Sealer, entry: QueueEntryRow) -> Envelope:
    """Return the envelope. Raises SealError."""
    return decode_envelope(keys, entry.id, entry.sealed_envelope)


def decode_envelope(keys: Sealer, entry_id: QueueEntryId, octets: bytes) -> Envelope:
    """Return the envelope of an entry that is not a row yet. Raises SealError."""
    return msgspec.msgpack.decode(keys.open(Kind.ENVELOPE, octets, entry_id), type=Envelope)


def open_recipient(keys: Sealer, row: QueueRecipient) -> Recipient:
    """Return a recipient. Raises SealError."""
    return decode_recipient(keys, row.entry_id, row.number, row.sealed)


def decode_recipient(keys: Sealer, entry_id: QueueEntryId, number: int, octets: bytes) -> Recipient:
    """Return a recipient of an entry that is not a row yet. Raises SealError."""
    return msgspec.msgpack.decode(keys.open(Kind.ENVELOPE, octets, entry_id, number + 1), type=Recipient)


def seal_result(keys: Sealer, entry_id: QueueEntryId, number: int, result: Result) -> bytes:
    """Seal the last answer for a recipient."""
    return keys.seal(Kind.QUEUE_NOTE, msgspec.msgpack.encode(result), entry_id, number)


def open_result(keys: Sealer, row: QueueRecipient) -> Result | None:
    """Return the last answer for a recipient, if there was one. Raises SealError."""
    if row.sealed_result is None:
        return None
    octets = keys.open(Kind.QUEUE_NOTE, row.sealed_result, row.entry_id, row.number)
    return msgspec.msgpack.decode(octets, type=Result)
