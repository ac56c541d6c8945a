"""The verdict: what all reasons together come to.

NAME        verdict
PURPOSE     Last step of the chain. Sums the weights of all reasons that earlier steps found into a score, and from the
            score says how likely the message is spam, of which nature it is and what is done with it.
STRATEGIES  Adding up only: who reads the reasons and their weights can do the sum again (`test_verdict.py` does). One
            rule counts once, with the weight that speaks loudest. What an earlier step demanded (malware, DMARC) stays.
LIMITS      Thresholds are knobs for a domain. A message to several domains gets the mildest of theirs: what one of them
            wants to have refused is not kept from another.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from smartmail.domain.account import Account
from smartmail.domain.errors import MailError
from smartmail.domain.inspection import Nature, Reason
from smartmail.policy import knobs
from smartmail.service.kernel.inspection.specimen import Findings, Specimen
from smartmail.service.kernel.policy import PolicyService

LEARNED: Final = "learned"
"""The rule of the learned model: its one reason, with the words that told most as facts."""
MAX_WEIGHT: Final = 100.0
"""Of one rule: a list that allows or blocks uses it whole and outweighs everything else."""
SLOPE: Final = 1.5
"""Points of score from even odds to 73 %."""
REFUSED: Final = "this message was judged to be spam; ask the recipient another way if it is not"
_SERIOUS: Final[dict[Nature, int]] = {
    "clean": 0, "suspect": 1, "bulk": 2, "spam": 3, "phishing": 4, "malware": 5,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which score on a message goes to Junk, is held, is refused; 0: never."""

    junk: int = 6
    quarantine: int = 12
    reject: int = 15

    def mildest(self, other: "Thresholds") -> "Thresholds":
        """Return what offends neither of two domains."""
        pairs = ((self.junk, other.junk), (self.quarantine, other.quarantine), (self.reject, other.reject))
        return Thresholds(*(max(pair) if all(pair) else 0 for pair in pairs))


def counted(reasons: Iterable[Reason]) -> list[Reason]:
    """Return the reasons that count, the heaviest first: of each rule the one with the greatest weight either way."""
    heaviest: dict[str, Reason] = {}
    for reason in reasons:
        known = heaviest.get(reason.rule)
        if math.isfinite(reason.weight) and (known is None or abs(known.weight) < abs(reason.weight)):
            heaviest[reason.rule] = reason
    return sorted(heaviest.values(), key=lambda one: -abs(one.weight))


def score_of(reasons: Iterable[Reason]) -> float:
    """Return the sum of what counts."""
    total = math.fsum(max(-MAX_WEIGHT, min(MAX_WEIGHT, one.weight)) for one in counted(reasons))
    return round(total, 2)


def percent_of(score: float, junk: int) -> int:
    """Return how likely a message is spam (RFC 5235 §2.1 counts so): 50 at the threshold of Junk."""
    exponent = (score - (junk or Thresholds().junk)) / SLOPE
    return round(100 / (1 + math.exp(-max(-60.0, min(60.0, exponent)))))


def judge(findings: Findings, thresholds: Thresholds) -> None:
    """Put score, percent and nature into the findings and demand the act that follows."""
    score = findings.score = score_of(findings.reasons)
    findings.spam_percent = percent_of(score, thresholds.junk)
    _name(findings, score, thresholds)
    # What is held for its malware is evidence: that it looks like spam too must not send it away.
    is_kept = findings.nature == "malware" and findings.act == "quarantine"
    if thresholds.reject and score >= thresholds.reject and not is_kept:
        findings.demand("reject", REFUSED)
    elif thresholds.quarantine and score >= thresholds.quarantine:
        findings.demand("quarantine")
    elif thresholds.junk and score >= thresholds.junk:
        findings.demand("junk")


def _name(findings: Findings, score: float, thresholds: Thresholds) -> None:
    """Call it spam or suspect, unless somebody found something worse, or bulk mail that nobody minds."""
    junk = thresholds.junk or Thresholds().junk
    nature: Nature = "spam" if score >= junk else "suspect" if score >= junk / 2 else "clean"
    if _SERIOUS[nature] > _SERIOUS[findings.nature]:
        findings.nature = nature


class VerdictInspector:
    """The last step. After it nobody adds a reason."""

    name = "verdict"

    def __init__(self, policy: PolicyService) -> None:
        """Without a policy the thresholds are the usual ones."""
        self._policy = policy

    async def examine(self, specimen: Specimen) -> None:
        """Judge by the thresholds of the recipients' domains, by the usual ones where policy cannot be asked."""
        try:
            thresholds = await self.thresholds(specimen.accounts)
        except MailError:
            thresholds = Thresholds()
        judge(specimen.findings, thresholds)

    async def thresholds(self, accounts: Sequence[Account | None]) -> Thresholds:
        """Return the mildest thresholds of these recipients. Raises Unavailable."""
        found: Thresholds | None = None
        for account in accounts:
            if account is not None:
                own = Thresholds(
                    await self._policy.value(account, knobs.SPAM_JUNK_SCORE),
                    await self._policy.value(account, knobs.SPAM_QUARANTINE_SCORE),
                    await self._policy.value(account, knobs.SPAM_REJECT_SCORE),
                )
                found = own if found is None else found.mildest(own)
        return found or Thresholds()
