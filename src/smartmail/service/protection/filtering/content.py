"""The content filter: one reason more, from what was learned.

NAME        content filter
PURPOSE     Ask the models of the recipients how a message stands and add that as one reason, with the words that told
            most. The step before the verdict.
STRATEGIES  A message for one person is judged with what that person taught; one for several with what their
            organisations hold, the mildest counting. What was learned alone can put a message into Junk, never refuse
            it, and can outweigh a few rules, never all of them. The shipped start is one witness among others: where a
            rule of intent has read the same words they count once, and it decides only of a stranger who hides.
LIMITS      Which model is heard in which language: formats.spam.judging.
FAILURE     No model, no reason.
"""

from collections.abc import Sequence

from smartmail.domain.account import Account
from smartmail.domain.inspection import Reason
from smartmail.formats.headers import Header
from smartmail.formats.spam.features import features
from smartmail.formats.spam.judging import (
    IMPERSONAL_CLEAR,
    JUNK_Z,
    START_CLEAR,
    START_MOST,
    START_SURE,
    Beside,
    Judges,
    telling,
    z_of,
)
from smartmail.formats.spam.model import odds_of
from smartmail.formats.spam.scripts import read
from smartmail.service.kernel.inspection.specimen import Findings, Specimen
from smartmail.service.protection.filtering.intents.lures import LURES
from smartmail.service.protection.filtering.intents.offers import OFFERS
from smartmail.service.protection.filtering.models import Models
from smartmail.service.protection.filtering.reading import HEAD_OCTETS, known_tokens
from smartmail.service.protection.filtering.rules.impersonal import IMPERSONAL
from smartmail.service.protection.filtering.verdict import LEARNED

JUNK_WEIGHT = 6.0
MOST, LEAST_WEIGHT = 8.0, -4.0
SILENT = 0.5
WORDS = 5
INTENT_RULES = frozenset(one.rule for one in (*OFFERS, *LURES))
PROGRAMS_WRITE = frozenset({"intent-account", "intent-mailbox"})
"""Matters of which honest programs write to people who never met them: a password to set, a full mailbox."""
PRESSING = frozenset(one.rule for one in LURES) - PROGRAMS_WRITE
OFFERED = frozenset(one.rule for one in OFFERS)
"""Matters that an impersonal letter of somebody unproved may be judged by."""


def weight_of(z: float) -> float:
    """Return the weight that the verdict counts."""
    return round(max(LEAST_WEIGHT, min(MOST, z * JUNK_WEIGHT / JUNK_Z)), 2)


class ContentInspector:
    """Judges by what was learned."""

    name = "content"

    def __init__(self, models: Models) -> None:
        self._models = models

    async def examine(self, specimen: Specimen) -> None:
        """Add the reason."""
        accounts = [one for one in specimen.accounts if one is not None]
        judges = await self._judges(accounts)
        if not judges:
            return
        findings = specimen.findings
        known = known_tokens(findings.authentication, aligned=findings.aligned)
        tokens = features(Header(specimen.header.block), specimen.summary, specimen.head[:HEAD_OCTETS], known)
        reading = read(tokens)
        beside = beside_of(findings)
        z, mildest = min(((z_of(one, reading, beside), one) for one in judges), key=lambda one: one[0])
        weight = weight_of(z)
        if abs(weight) >= SILENT:
            told = telling(mildest, tokens, 4 * WORDS)
            findings.reasons.append(Reason(LEARNED, weight, (str(round(100 * odds_of(z))), words_of(told, z))))

    async def _judges(self, accounts: Sequence[Account]) -> list[Judges]:
        """Return the models of each organisation that has something to say."""
        found: list[Judges] = []
        for organization_id in dict.fromkeys(one.organization_id for one in accounts):
            judges = await self._models.judges(organization_id, accounts[0] if len(accounts) == 1 else None)
            if judges.start is not None or judges.company is not None:
                found.append(judges)
        return found


def beside_of(findings: Findings) -> Beside:
    """Return how far words are heard beside what was found. What a rule of intent said of the same words counts once."""
    impersonal = any(one.rule == IMPERSONAL for one in findings.reasons)
    clear = IMPERSONAL_CLEAR if impersonal else START_CLEAR
    read = max((one for one in findings.reasons if one.rule in INTENT_RULES), key=lambda one: one.weight, default=None)
    said = 0.0 if read is None else read.weight * JUNK_Z / JUNK_WEIGHT
    if findings.doubt == "hides":
        return Beside(max(START_MOST, START_SURE - said), hides=True)
    if findings.doubt != "none" and not said:
        return Beside(START_SURE, clear[findings.doubt])
    # Honest letters are about the same matters: those that an intent knows need a sender who hides, or proves nothing and is clear.
    unsure = max(0.0, START_MOST - max(0.0, said))
    matters = PRESSING | OFFERED if impersonal else PRESSING
    pressed = read is not None and read.rule in matters and findings.doubt == "unproved"
    if pressed or findings.doubt == "hints":
        return Beside(max(START_MOST, START_SURE - said), clear["unproved" if pressed else "hints"], unsure=unsure)
    return Beside(unsure)


def words_of(told: Sequence[tuple[str, float]], z: float) -> str:
    """Return those telling tokens that a person can read, of the side that won."""
    shown = [
        token.partition(":")[2] if token[:2] in {"s:", "f:", "u:"} else token
        for token, said in told
        if said * z > 0 and "\x01" not in token and token[:2] not in {"t:", "p:", "n:", "h:", "b:"}
    ]
    return ", ".join(list(dict.fromkeys(one.strip() for one in shown if one.strip()))[:WORDS]) or "–"
