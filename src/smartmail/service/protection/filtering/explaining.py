"""A verdict in words: the reasons that weigh most, in the reader's language, with their weights."""

from dataclasses import dataclass
from typing import Final

from smartmail.domain.inspection import Inspection
from smartmail.service.kernel.inspection.wording import reason_text
from smartmail.service.protection.filtering.verdict import counted

TOP: Final = 5


@dataclass(frozen=True, slots=True)
class Explained:
    """One reason: its rule, what it added to the score, and its words."""

    rule: str
    weight: float
    text: str


def explain(inspection: Inspection, language: str, top: int = TOP) -> list[Explained]:
    """Return the reasons that count, the heaviest first, at most `top`; those that weigh nothing come last."""
    return [Explained(one.rule, one.weight, reason_text(language, one)) for one in counted(inspection.reasons)[:top]]


def lines(inspection: Inspection, language: str, top: int = TOP) -> list[str]:
    """Return the same as lines of text: `+5.0  …`."""
    return [f"{one.weight:+.1f}  {one.text}" for one in explain(inspection, language, top)]
