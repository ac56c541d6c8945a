"""Pages of the documentation (headings, paragraphs, lists, tables, code, pictures) as HTML for print. Only what our own
pages use.

SECURITY  Everything is escaped before it is marked up; links lead nowhere but to addresses with a scheme of the web.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import Final

_HEADING: Final = re.compile(r"(#{1,6}) +(.*)")
_ITEM: Final = re.compile(r"\s*(?:[-*]|\d+\.) +(.*)")
_RULE: Final = re.compile(r"\|(?: *:?-+:? *\|)+")
_CODE: Final = re.compile(r"`([^`]+)`")
_BOLD: Final = re.compile(r"\*\*([^*]+)\*\*")
_PICTURE: Final = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
_LINK: Final = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")


def html_of(text: str, *, below: int = 0, picture: Callable[[str], str] | None = None) -> str:
    """Return a page as HTML; headings stand `below` levels lower. `picture` gives the address of a picture that a line
    of its own names; without it pictures are left out.
    """
    return "\n".join(_blocks(text.splitlines(), below, picture))


def _blocks(lines: Sequence[str], below: int, picture: Callable[[str], str] | None) -> Iterator[str]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith("```"):
            end = next((number for number in range(at + 1, len(lines)) if lines[number].startswith("```")), len(lines))
            yield f"<pre>{escape(chr(10).join(lines[at + 1 : end]))}</pre>"
            at = end + 1
        elif heading := _HEADING.fullmatch(line):
            level = min(6, len(heading[1]) + below)
            yield f"<h{level}>{inline(heading[2])}</h{level}>"
            at += 1
        elif shown := _PICTURE.fullmatch(line):
            if picture is not None:
                yield f'<p><img src="{escape(picture(shown[2]))}" alt="{escape(shown[1])}"></p>'
            at += 1
        elif line.startswith("|"):
            end = _run(lines, at, lambda one: one.startswith("|"))
            yield _table(lines[at:end])
            at = end
        elif _ITEM.fullmatch(line):
            end = _run(lines, at, lambda one: bool(one.strip()) and (bool(_ITEM.fullmatch(one)) or one.startswith(" ")))
            yield _list(lines[at:end])
            at = end
        elif line.strip():
            end = _run(lines, at, _is_text)
            yield f"<p>{inline(' '.join(lines[at:end]))}</p>"
            at = end
        else:
            at += 1


def _run(lines: Sequence[str], at: int, holds: Callable[[str], bool]) -> int:
    end = at + 1
    while end < len(lines) and holds(lines[end]):
        end += 1
    return end


def _is_text(line: str) -> bool:
    return bool(line.strip()) and not line.startswith(("```", "|", "#", "![")) and not _ITEM.fullmatch(line)


def _list(lines: Sequence[str]) -> str:
    items: list[str] = []
    for line in lines:
        match = _ITEM.fullmatch(line)
        if match:
            items.append(match[1])
        else:
            items[-1] += " " + line.strip()
    return "<ul>" + "".join(f"<li>{inline(one)}</li>" for one in items) + "</ul>"


def _table(lines: Sequence[str]) -> str:
    rows = [_cells(line) for line in lines if not _RULE.fullmatch(line.strip())]
    has_head = len(lines) > 1 and bool(_RULE.fullmatch(lines[1].strip()))
    made = []
    for number, cells in enumerate(rows):
        tag = "th" if has_head and number == 0 else "td"
        made.append("<tr>" + "".join(f"<{tag}>{inline(cell)}</{tag}>" for cell in cells) + "</tr>")
    return "<table>" + "".join(made) + "</table>"


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def inline(text: str) -> str:
    """Return a line's text with code, bold and links."""
    codes: list[str] = []

    def keep(match: re.Match[str]) -> str:
        codes.append(f"<code>{match[1]}</code>")
        return f"\0{len(codes) - 1}\0"

    marked = _CODE.sub(keep, escape(text.replace("\0", "").replace("\\|", "|")))
    marked = _LINK.sub(_anchor, _BOLD.sub(r"<strong>\1</strong>", marked))
    return re.sub("\0(\\d+)\0", lambda match: codes[int(match[1])], marked)


def _anchor(match: re.Match[str]) -> str:
    # Pages of ours are parts of the same paper: their names are enough.
    if match[2].startswith(("https://", "http://", "mailto:")):
        return f'<a href="{match[2]}">{match[1]}</a>'
    return match[1]
