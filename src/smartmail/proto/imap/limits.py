"""Bounds that a session keeps against a hostile or broken client. Knows no command."""

from dataclasses import dataclass
from typing import Final

MAX_NUMBER: Final = 0xFFFF_FFFF
"""RFC 3501 §9 `number`: unsigned 32 bit. UIDs, sizes of literals and sequence numbers are such numbers."""

MAX_NUMBER64: Final = 0x7FFF_FFFF_FFFF_FFFF
"""RFC 7162 §7 `mod-sequence-value`: a positive 63-bit number."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Every size is in octets, every time in seconds."""

    # RFC 7162 §4 asks for 8,192; clients that name thousands of UIDs in one set reach tens of thousands.
    line: int = 65_536
    # Before login: a SASL initial response is the longest honest thing (RFC 4954 §4 says 12,288).
    line_before_login: int = 16_384
    # A literal that is an argument: a mailbox name, a password, a search text. APPEND streams and is not meant.
    literal: int = 65_536
    # RFC 7888 §5: LITERAL- allows non-synchronising literals up to 4,096, which is ample for a login.
    literal_before_login: int = 4_096
    # A SEARCH for many texts is the command with most literals.
    literals: int = 128
    # Lines and literals of one command together.
    command: int = 262_144
    # What is thrown away to stay in step with a client whose literal was refused; beyond it the connection ends.
    swallow: int = 67_108_864
    swallow_before_login: int = 65_536
    # Input that waits behind a running command before `wants_read` says no.
    read_ahead: int = 65_536
    # Octets of one message in APPEND; None leaves the judgement to the driver. RFC 7889 APPENDLIMIT.
    append: int | None = None
    # Messages in one MULTIAPPEND: they are one transaction (RFC 3502 §3).
    append_messages: int = 1_000
    # Refused commands in a row; a person typing by hand stays below, a scanner does not.
    bad_before_login: int = 5
    bad: int = 50
    # RFC 3501 §5.4: at least 30 minutes once authenticated; a stranger gets a minute.
    idle_s: float = 1_800.0
    login_s: float = 60.0
    # After BYE the peer has this long to close.
    logout_s: float = 5.0


SEARCH_DEPTH: Final = 96
"""Nesting of OR, NOT and parentheses. Apple Mail chains some dozens of ORs; the stack must never decide."""

SEARCH_MAILBOXES: Final = 256
"""Mailboxes that one filter of ESEARCH or NOTIFY names."""

SEARCH_KEYS: Final = 1_024
"""Keys in one SEARCH: each costs one test for each message of the mailbox."""

FETCH_ITEMS: Final = 100
"""Items of one FETCH: each is made for each message, and each section of a message may be as long as the message."""
