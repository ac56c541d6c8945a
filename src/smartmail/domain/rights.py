"""Rights of a mailbox (RFC 4314 letters, plus sending). One stored set; every protocol shows it its own way."""

from typing import Literal

Right = Literal["l", "r", "s", "w", "i", "p", "k", "x", "t", "e", "a", "sendAs", "sendOnBehalf"]
OWNER: frozenset[str] = frozenset("lrswipkxtea")
LETTERS = "lrswipkxtea"
