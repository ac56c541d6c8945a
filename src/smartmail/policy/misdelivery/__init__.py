"""Misdelivery guard (오발송 방지): from the facts of one letter and the memory of its sender to warnings with a confidence.

NAME        misdelivery
PURPOSE     "Is this the Kim you mean?", before the letter has left.
STRATEGIES  One small module for each signal: homonyms, salutations, customers, domains, odd_ones, crowds, answers_to_all, slips. Each
            asks the scene (the letter seen with the memory) and tells how sure it is. The sender is asked only where the sum
            reaches a threshold (`confidences`), so that a question is worth reading: one normal letter in a hundred at most.
LIMITS      Nothing is said before `MIN_LETTERS` letters were sent: without habits every recipient is new. A letter to more than
            `MAX_RECIPIENTS` is judged as a crowd only. Time is linear in the memory, which is bounded.
SECURITY    Local: no network, nothing of one account's memory is used for another. It warns and decides nothing.
Must not know where letters come from, how the memory is stored, or what policy does with a warning.
"""

from typing import Final

from smartmail.domain.correspondence import Correspondence
from smartmail.policy.misdelivery import (
    answers_to_all,
    crowds,
    customers,
    domains,
    homonyms,
    odd_ones,
    salutations,
    slips,
)
from smartmail.policy.misdelivery.confidences import THRESHOLD
from smartmail.policy.misdelivery.facts import Caution, Kind, Letter, Person
from smartmail.policy.misdelivery.habits import learn
from smartmail.policy.misdelivery.scene import Scene

MIN_LETTERS: Final = 20
MAX_RECIPIENTS: Final = 40
_SIGNALS: Final = (homonyms, salutations, customers, domains, odd_ones, answers_to_all, slips)


def findings(letter: Letter, memory: Correspondence, home: frozenset[str] = frozenset()) -> list[Caution]:
    """Return all that the signals say, the surest first. `home`: registered domains of the sender's company."""
    scene = Scene(letter, memory, home)
    found = list(crowds.find(scene))
    if len(letter.recipients) <= MAX_RECIPIENTS and memory.letters >= MIN_LETTERS:
        found += [one for signal in _SIGNALS for one in signal.find(scene)]
    return sorted((one for one in found if one.confidence > 0), key=lambda one: -one.confidence)


def total(found: list[Caution]) -> float:
    """Return the summed confidence: of each kind the surest, for two findings of a kind are one reason."""
    best: dict[Kind, float] = {}
    for one in found:
        best[one.kind] = max(best.get(one.kind, 0.0), one.confidence)
    return sum(best.values())


def cautions(letter: Letter, memory: Correspondence, home: frozenset[str] = frozenset()) -> list[Caution]:
    """Return what the sender shall be asked about; nothing for most letters."""
    found = findings(letter, memory, home)
    return found if total(found) >= THRESHOLD else []


__all__ = ["Caution", "Kind", "Letter", "Person", "cautions", "findings", "learn", "total"]
