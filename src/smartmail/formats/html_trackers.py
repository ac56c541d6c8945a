"""Pictures that show nothing: their being fetched is what they are for.

LIMITS    Only what the mail itself says: sides of at most TINY pixels. One that is not displayed is none of them: letters
          made for phones and desks hold a picture for each and hide the other. A picture whose address alone tells who
          reads, and that is worth seeing, is told apart by nobody but its sender.
"""

import re
from collections.abc import Mapping
from typing import Final

TINY: Final = 2
"""Pixels: 1 × 1 is the usual one; 2 × 2 is what dodges a look for it."""

_PIXELS = re.compile(r"\s*(\d{1,6})(?:\.\d*)?\s*(?:px)?\s*", re.IGNORECASE)
_SIDE = r"(?:^|;)\s*(?:max-)?{}\s*:\s*(\d{{1,6}})(?:\.\d*)?\s*(?:px)?\s*(?:!important\s*)?(?:;|$)"
_WIDTH = re.compile(_SIDE.format("width"), re.IGNORECASE)
_HEIGHT = re.compile(_SIDE.format("height"), re.IGNORECASE)


def is_tracker(attributes: Mapping[str, str | None]) -> bool:
    """Tell whether an `img` with these attributes is there to be fetched and not to be seen."""
    style = (attributes.get("style") or "")[:2000]
    sides = (
        (attributes.get("width"), _WIDTH.search(style)),
        (attributes.get("height"), _HEIGHT.search(style)),
    )
    return all(_tiny(said, styled) for said, styled in sides)


def _tiny(said: str | None, styled: re.Match[str] | None) -> bool:
    if styled is not None:
        return int(styled[1]) <= TINY
    pixels = _PIXELS.fullmatch(said or "")
    return pixels is not None and int(pixels[1]) <= TINY
