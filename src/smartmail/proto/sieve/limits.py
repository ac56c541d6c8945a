"""Limits of scripts and of runs, each with its reason."""

from dataclasses import dataclass
from typing import Final

SCRIPT_OCTETS: Final = 256 << 10
"""Largest script that is parsed: some 5,000 rules."""
NESTING: Final = 32
"""Blocks and tests inside each other; RFC 5228 §2.10.5 demands 15. Bounds recursion of everything that walks a script."""
MAX_NUMBER: Final = 2**63 - 1
"""RFC 5228 §2.4.1 demands 2^31 - 1; sizes of mail are larger today."""
PROBLEMS: Final = 20
"""Problems told for one script."""
VARIABLE_CHARACTERS: Final = 16_384
"""RFC 5229 §3: at least 4,000 octets; longer values are cut."""
VARIABLE_NAME: Final = 64
"""RFC 5229 §3 demands 32 characters."""
STRING_CHARACTERS: Final = 1 << 20
"""Characters of a string after variables were put in."""
MATCH_VARIABLES: Final = 64
"""RFC 5229 §3.2 demands ${9}."""
INCLUDE_DEPTH: Final = 10
"""RFC 6609 §3.1 demands 3."""
REGEX_CHARACTERS: Final = 32_768
"""Characters of all regular expressions of a script: making the automata costs up to 20 µs each."""
FLAGS: Final = 200
"""Flags of one message: the rest is left out."""


@dataclass(frozen=True, slots=True)
class RunLimits:
    """What one run may use up. A run that meets a limit ends with an error, and the message is kept.

    `steps` counts commands, tests and every 256 characters compared: some 0.2 s of work. `redirects` is the number of
    RFC 5228 §10: more would make a filter a mail multiplier.
    """

    steps: int = 100_000
    actions: int = 32
    redirects: int = 4
    notifications: int = 4
    header_edits: int = 100
    editions: int = 8


DEFAULT_LIMITS: Final = RunLimits()
