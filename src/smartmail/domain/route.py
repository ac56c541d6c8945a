"""Where mail comes from: what is remembered of a sender's countries."""

from dataclasses import dataclass

MONTHS = 12
"""How far back a sender's history reaches."""
MAX_SENDERS = 20_000
"""Lines of history of one account; the oldest go first."""


@dataclass(frozen=True, slots=True)
class SenderCountry:
    """A country that a sender's proved mail came from, first and last in these months (year * 12 + month - 1)."""

    country: str
    first_month: int
    last_month: int


def habit(known: list[SenderCountry], month: int) -> tuple[str, int] | None:
    """Return the only country of a sender's last twelve months and since how many months it is, None when there is no
    such habit: nothing known, several countries, or nothing from before this month.
    """
    recent = [one for one in known if month - one.last_month < MONTHS]
    if len(recent) != 1 or recent[0].first_month >= month:
        return None
    return recent[0].country, min(MONTHS, month - recent[0].first_month + 1)
