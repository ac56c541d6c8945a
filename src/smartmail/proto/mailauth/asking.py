"""Questions to the name service, as the arithmetic of this package asks them. Who answers is told from outside.

`Ask` returns the data of all records of a kind as text: TXT with its strings joined, addresses, host names; empty when
there is no name or no such record (which of both counts nowhere here). It raises TemporaryLookupError.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

RecordKind = Literal["TXT", "A", "AAAA", "MX", "PTR"]


class TemporaryLookupError(Exception):
    """The look-up did not end well, and may do so later: SERVFAIL, timeout."""


Ask = Callable[[str, RecordKind], Awaitable[Sequence[str]]]
"""For MX the hosts, the best first; for PTR the argument is the address itself."""

Lookup = Callable[[str], Awaitable[Sequence[str]]]
"""TXT records of a name, each joined to one text: all that keys need."""
