"""Keys that a domain's mail is signed with, as they are kept."""

from dataclasses import dataclass
from typing import Literal

KeyState = Literal["published", "active", "retired"]
"""published: its record is to be seen by the world, nothing is signed with it yet. active: mail is signed with it.
retired: nothing new is signed, but mail under way still is checked by its record.
"""


@dataclass(frozen=True, slots=True)
class SigningKeyRow:
    """One key. `kind` is rsa or ed25519; times in milliseconds, `changed_at` when its state began."""

    domain: str
    selector: str
    kind: str
    sealed: bytes
    state: KeyState
    created_at: int
    changed_at: int
