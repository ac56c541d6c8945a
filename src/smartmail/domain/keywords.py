"""Keywords: flags and tags of a message.

System keywords are bits, so that lists and counters never open anything; own keywords are numbers of the account
(their spelling is sealed). RFC 8621 §4.1.1 names the JMAP spelling, RFC 3501 §2.3.2 the IMAP one.
"""

from collections.abc import Iterable
from dataclasses import dataclass

SEEN = 1
FLAGGED = 2
ANSWERED = 4
DRAFT = 8
FORWARDED = 16
JUNK = 32
NOT_JUNK = 64
MDN_SENT = 128
PHISHING = 256
STAR_1 = 512
STAR_2 = 1024
STAR_4 = 2048
STAR_COLOUR = STAR_1 | STAR_2 | STAR_4
"""Which of seven colours a star has, counted in twos (RFC 9979); none of them is the plain star."""

SYSTEM: dict[str, int] = {
    "$seen": SEEN, "$flagged": FLAGGED, "$answered": ANSWERED, "$draft": DRAFT, "$forwarded": FORWARDED,
    "$junk": JUNK, "$notjunk": NOT_JUNK, "$mdnsent": MDN_SENT, "$phishing": PHISHING,
    "$mailflagbit0": STAR_1, "$mailflagbit1": STAR_2, "$mailflagbit2": STAR_4,
}  # fmt: skip
"""JMAP spelling of every keyword that is a bit; keywords compare without case (RFC 8621 §4.1.1)."""

MAX_KEYWORD_OCTETS = 255
"""RFC 8621 §4.1.1: 1–255 octets."""


@dataclass(frozen=True, slots=True)
class Keywords:
    """The keywords of one message: system bits and sorted numbers of own keywords."""

    bits: int = 0
    tags: tuple[int, ...] = ()

    def with_(self, bits: int, tags: Iterable[int]) -> "Keywords":
        """Return these and the given ones."""
        return Keywords(self.bits | bits, tuple(sorted({*self.tags, *tags})))

    def without(self, bits: int, tags: Iterable[int]) -> "Keywords":
        """Return these less the given ones."""
        return Keywords(self.bits & ~bits, tuple(sorted(set(self.tags) - set(tags))))


NONE = Keywords()
