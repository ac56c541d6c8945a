"""The lines of a PDF page made whole words again: what its page set apart and its author did not. Knows text only.

Korean, Chinese and Japanese lines may end in the middle of a word, with nothing to show for it but this: programs that
break a line between two words leave the space at its end. So a full line that ends in Hangul without a space goes on in
the next one, where other lines of its page have such spaces; a full line that ends in Han or Kana always does.
"""

import re
from itertools import pairwise
from typing import Final
from unicodedata import east_asian_width

_LINE_END: Final = "\r\n"
_FULL: Final = 0.75
"""Of the longest line of the page: shorter ones are headings, cells and the ends of paragraphs."""
_HANGUL: Final = re.compile("[가-힣]")
_WITHOUT_SPACES: Final = re.compile("[㐀-䶿一-鿿぀-ヿ]")
_KEPT_SPACE: Final = re.compile(f"[가-힣] {_LINE_END}")


def joined(text: str) -> str:
    """Return the text of a page with words that a line end cut joined."""
    lines = text.split(_LINE_END)
    if len(lines) < 2:
        return text
    widths = [_width(line) for line in lines]
    full, keeps_spaces = max(widths) * _FULL, _KEPT_SPACE.search(text) is not None
    pieces = [lines[0]]
    for (before, line), width in zip(pairwise(lines), widths, strict=False):
        if not (width >= full and _goes_on(before, line, keeps_spaces=keeps_spaces)):
            pieces.append(_LINE_END)
        pieces.append(line)
    return "".join(pieces)


def _goes_on(before: str, line: str, *, keeps_spaces: bool) -> bool:
    ends = before[-1:], line[:1]
    if all(_WITHOUT_SPACES.match(one) for one in ends):
        return True
    return keeps_spaces and all(_HANGUL.match(one) or _WITHOUT_SPACES.match(one) for one in ends)


def _width(line: str) -> int:
    return len(line) + sum(east_asian_width(character) in "WF" for character in line)
