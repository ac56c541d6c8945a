"""A letter that waits in the queue and will leave as secure mail: what its envelope keeps of that, sealed with the envelope.

Must not know why it waits, nor who ends that.
"""

import msgspec

from smartmail.domain.secure_mail import ID_OCTETS
from smartmail.service.mailbox.secure_mail.wishes import SecureOptions


class Waiting(msgspec.Struct, frozen=True, array_like=True):
    """How it leaves: for whom outside, and how. `is_made`: its password was made here, and its sender is to hear of it."""

    wish: SecureOptions
    recipients: tuple[str, ...]
    is_made: bool = False


def encode(one: Waiting) -> bytes:
    """Return it as an envelope keeps it."""
    return msgspec.msgpack.encode(one)


def decode(octets: bytes) -> Waiting:
    """Return it from an envelope. Raises msgspec.ValidationError."""
    return msgspec.msgpack.decode(octets, type=Waiting)


def letter_id(entry_id: int) -> bytes:
    """Return the id of the letter of an entry: who was killed while making it finds it again, and makes no second one."""
    return entry_id.to_bytes(ID_OCTETS)
