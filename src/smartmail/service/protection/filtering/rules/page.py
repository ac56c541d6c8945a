"""The body: text that readers do not see, and what no letter needs."""

from typing import Final

from smartmail.formats.lookalike import hidden_count
from smartmail.service.protection.filtering.rules.check import Match
from smartmail.service.protection.filtering.rules.evidence import Evidence

_HIDDEN: Final = 200
"""Letters. Newsletters hide the line that lists show as a preview: one or two of it are honest."""
_TINY: Final = 60
_LITTLE: Final = 60
_INVISIBLE: Final = 12


async def check_page(evidence: Evidence) -> list[Match]:
    """Return matches."""
    found: list[Match] = []
    page = evidence.page
    if page is not None:
        enough = page.hidden > max(_HIDDEN, page.shown)
        found += _if(enough, "text-hidden", page.hidden) + _if(
            page.tiny > max(_TINY, page.shown // 4), "text-tiny", page.tiny
        )
        found += _if(page.same_colour > _TINY, "text-colour", page.same_colour)
        found += _if(page.passwords > 0, "page-form", page.passwords)
        found += _if(page.scripts > 0, "page-script", page.scripts) + _if(page.refresh, "page-refresh", 1)
        found += _if(page.images > 0 and page.whole and page.shown < _LITTLE, "picture-only", page.images)
    elif evidence.pictures and len(evidence.text.strip()) < _LITTLE and not evidence.specimen.summary.in_reply_to:
        found.append(Match("picture-only", (str(evidence.pictures),)))
    text = evidence.text[:50_000]
    hidden = hidden_count(text)
    return found + _if(hidden > _INVISIBLE and hidden * 20 > len(text), "text-invisible", hidden)


def _if(matched: bool, rule: str, count: int) -> list[Match]:
    return [Match(rule, (str(count),))] if matched else []
