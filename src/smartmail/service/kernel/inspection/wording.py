"""Reasons in words, in the language of whoever reads them."""

import re
from collections.abc import Sequence
from typing import Final

from smartmail.base import korean
from smartmail.base.i18n import translate
from smartmail.domain.inspection import Reason

UNKNOWN: Final = "…"
"""Stands in a text for what a reason does not tell (any more): stories that were written before they kept it."""
_PLACE: Final = re.compile(r"\{(\d+)\}")


def reason_text(language: str, reason: Reason) -> str:
    """Return the text of a rule with what it saw put in its places `{0}`, `{1}` …, UNKNOWN where it tells less than the
    text has places; a rule without a text (of a version that knew others) is told by its name.
    """
    # Rules that came by file have one text, in which the file's own title stands.
    name = "pack" if reason.rule.startswith("pack.") else reason.rule
    try:
        text = translate(language, f"rule.{name}")
    except KeyError:
        return " ".join([reason.rule, *reason.facts])
    return _filled(language, text, reason.facts)


def _filled(language: str, text: str, facts: Sequence[str]) -> str:
    told = {str(place): fact for place, fact in enumerate(facts) if fact}
    text = korean.fitted(text, told) if language == "ko" else text
    return _PLACE.sub(lambda place: told.get(place[1], UNKNOWN), text)
