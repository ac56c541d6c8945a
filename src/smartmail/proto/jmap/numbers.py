"""Ids as JMAP shows them: a letter for the type and the number of the account's object (`e45`).

What is no id of ours is None, and then simply not found (RFC 8620 §5.1).
"""

import re
from typing import Final

# At most 18 digits: whatever a client sends stays a 64-bit number in the store.
_NUMBERED: Final = re.compile(r"([a-z])([1-9][0-9]{0,17})")

ACCOUNT, MAILBOX, EMAIL, THREAD, IDENTITY, SUBMISSION = "a", "m", "e", "t", "i", "s"
PUSH: Final = "p"
SCRIPT: Final = "f"
TAG: Final = "k"
NOTE: Final = "n"
NOTIFICATION: Final = "c"
CREDENTIAL, ATTEMPT = "r", "l"
SENDER_RULE: Final = "v"
ADDRESS_BOOK, CARD = "y", "x"
PERSON, GROUP, DOMAIN, DEPARTMENT, ANYONE = "u", "g", "d", "b", "o"
POST: Final = "h"
"""Principals: accounts, groups, domains, departments, the whole organisation, whoever holds a post."""


def show(letter: str, number: int) -> str:
    """Return the id of an object."""
    return f"{letter}{number}"


def parse(letter: str, text: str) -> int | None:
    """Return the number of an id of that type."""
    match = _NUMBERED.fullmatch(text)
    return int(match[2]) if match is not None and match[1] == letter else None
