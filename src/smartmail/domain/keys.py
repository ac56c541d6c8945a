"""Keys at work: a master key that is replaced, originals that are sealed anew, originals that two persons open."""

from dataclasses import dataclass, field
from typing import Final, Literal

from smartmail.domain.ids import AccountId, OrganizationId

RotationState = Literal["spreading", "rewrapping", "switching", "settling", "done", "cancelled"]
"""`spreading`: every node gets the new key. `rewrapping`: what lies under the old one is wrapped under the new. `switching`:
every node uses the new one. `settling`: what was wrapped meanwhile is looked for. `done`: nodes drop the old one.
"""
OPEN_ROTATION: Final[tuple[RotationState, ...]] = ("spreading", "rewrapping", "switching", "settling")


@dataclass(frozen=True, slots=True)
class KeyRotation:
    """One change of the master key. `sealed`: the new key under the old one, b"" when it is over. `total`: keys to wrap."""

    id: int
    old_id: str
    new_id: str
    new_check: str
    state: RotationState
    sealed: bytes = field(repr=False)
    done: int
    total: int
    actor: str
    started_at: int
    changed_at: int
    ended_at: int | None = None


@dataclass(frozen=True, slots=True)
class KeyAck:
    """How far a node has come: `state` is the last one that it did its part of, `problem` why it cannot do the next."""

    rotation_id: int
    node: str
    state: str
    at: int
    problem: str = ""


ResealState = Literal["running", "paused", "done", "cancelled"]


@dataclass(frozen=True, slots=True)
class Reseal:
    """Originals that are sealed anew under another suite. `table`, `account_id`, `message_id`: the last one looked at.
    `found`: what this walk has met; a walk that meets nothing is the last one.
    """

    id: int
    state: ResealState
    suite: int
    cap: int
    table: Literal["message", "vault"]
    account_id: AccountId
    message_id: int
    found: int
    blobs: int
    octets: int
    failed: int
    total: int
    actor: str
    started_at: int
    ended_at: int | None = None

    @property
    def percent(self) -> int:
        """Say how far it is, at most 99 before its end."""
        if self.state == "done":
            return 100
        return min(99, self.octets * 100 // self.total) if self.total else 0


@dataclass(frozen=True, slots=True)
class Opening:
    """That two persons may read somebody's originals until a time. `sealed_reason`: why. Times in milliseconds."""

    id: int
    organization_id: OrganizationId
    account_id: AccountId
    proposed_by: str
    confirmed_by: str
    begun_at: int
    until: int
    sealed_reason: bytes = field(repr=False)
    ended_at: int | None = None
    ended_by: str = ""

    def is_open(self, now: int) -> bool:
        """Say whether it lets read at a time."""
        return self.ended_at is None and self.begun_at <= now < self.until
