"""What a domain wants in DNS, and what DNS said when it was last asked. Times in milliseconds."""

from dataclasses import dataclass
from typing import Final, Literal

State = Literal["published", "missing", "different", "unanswered", "unasked"]
Verdict = Literal["unchecked", "complete", "incomplete", "unanswered"]

NEEDED: Final = ("mx", "spf", "dkim", "dmarc")
"""Purposes without which a domain's mail does not come, or is not taken by others."""
ALSO: Final = ("host", "reverse", "mta-sts")
"""Purposes that count where they are wanted. Others are a comfort of mail programs and reports."""


@dataclass(frozen=True, slots=True)
class WantedRecord:
    """One record. `purpose`: what for, as a word; `state` "unasked" where nobody looked."""

    purpose: str
    name: str
    kind: str
    text: str
    state: State = "unasked"


@dataclass(frozen=True, slots=True)
class DomainLook:
    """What DNS said of a domain's records at a time."""

    domain: str
    looked_at: int
    records: tuple[WantedRecord, ...]

    @property
    def lacking(self) -> tuple[str, ...]:
        """The purposes that are not as they have to be."""
        wrong = {one.purpose for one in self.records if one.state in {"missing", "different"}}
        absent = set(NEEDED) - {one.purpose for one in self.records}
        return tuple(purpose for purpose in (*NEEDED, *ALSO) if purpose in wrong | absent)

    @property
    def verdict(self) -> Verdict:
        """What it comes to; "unanswered": DNS did not say enough to tell."""
        counted = [one.state for one in self.records if one.purpose in (*NEEDED, *ALSO) and one.state != "unasked"]
        silent = [state for state in counted if state == "unanswered"]
        if len(silent) == len(counted):
            return "unanswered"
        if self.lacking:
            return "incomplete"
        return "unanswered" if silent else "complete"
