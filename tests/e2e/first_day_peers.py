"""What the ten tasks take in Gmail and in Naver Mail, step by step, and the page and the picture that compare.

Nobody signed in there: the steps are those of public accounts of use where one was read, and of their screens as they are
known else; the page says which. What is open is counted at its smallest, so that a doubt is not to our advantage.
"""

from __future__ import annotations

import pathlib
import re
from html import escape

from tests.e2e.first_day_ways import TASKS, WAYS

DESIGN = pathlib.Path(__file__).parents[2] / "docs" / "design"
PAGE = DESIGN / "clicks.md"
PICTURE = DESIGN / "clicks.svg"
LIKE = {"slow line": "mouse"}
"""Ways that take the same acts as another one in every mail program."""
_NONE: tuple[str, ...] = ()

GMAIL: dict[str, dict[str, tuple[str, ...]]] = {
    "mouse": {
        "answer": ("the row", "Reply", "Send"),
        "write": ("Compose", "the person offered", "Subject", "the letter", "Attach files", "Send"),
        "find": ("the search line", "Enter", "the row"),
        "move": ("the row's box", "Move to", "the label"),
        "star": ("the star",),
        "put off": ("the row's clock", "Later today"),
        "rule": (
            *("the row's box", "More", "Filter messages like these", "Create filter", "Apply the label"),
            *("Choose label", "the label", "Create filter"),
        ),
        "absence": ("the gear", "See all settings", "Vacation responder on", "Message", "Save Changes"),
        "signature": ("the gear", "See all settings", "Create new", "Create", "the text", "Save Changes"),
        "delete": ("the row's bin", "Undo"),
    },
}
NAVER: dict[str, dict[str, tuple[str, ...]]] = {
    "mouse": {
        "answer": ("제목", "답장", "보내기"),
        "write": ("메일 쓰기", "자동완성", "제목", "본문", "내 PC", "보내기"),
        "find": ("검색창", "Enter", "제목"),
        "move": ("선택 상자", "이동", "메일함"),
        "star": ("중요 표시",),
        "put off": _NONE,
        "rule": ("환경설정", "메일 자동분류", "자동분류 추가", "조건", "메일함 목록", "메일함", "확인"),
        "absence": ("환경설정", "부재중 설정", "사용", "내용", "확인"),
        "signature": ("환경설정", "서명", "추가", "내용", "확인"),
        "delete": ("선택 상자", "삭제", "실행취소"),
    },
}
_PEERS = {"Gmail": GMAIL, "Naver": NAVER}
Counts = dict[str, dict[str, int]]
"""By way and by task."""

_HEAD = """# Ten tasks of a first day, counted

This page is written by `tests/e2e/test_first_day_tasks.py`; do not edit it. The tests do each task in Chromium, on a real
node, and count while they do it; a count that differs from this page fails, and so does one that is larger than Gmail's or
Naver's. After a wanted change:

    SMARTMAIL_RENEW_CLICKS=1 .venv/bin/python -m pytest tests/e2e/test_first_day_tasks.py

**What counts**: a click is 1. Typed words are 0, so are pointing, scrolling and choosing the file in the window of the system.
A task begins in the inbox, where the mail that it is about is in sight, and ends when the result is seen and said.

- **slow line**: the mouse at 400 kbit/s and 300 ms; nothing needs a second press because it came late. It is compared as the
  mouse: the acts are the same in every mail program.
- Not counted yet: keyboard, phone and screen reader.

![Bars of the counts](clicks.svg)

"""
_FOOT = """
## How the others were counted

No account was used, and no page of theirs could be opened from the machine of these tests. Steps of absence reply and of
filters in Gmail are those of the accounts of use below, which were read; all others are those of the screens as they are
known, **not checked against a live account**: whoever has one should. What is open is counted at its smallest.
"–": there is no such thing, or none is known.
"""
_SOURCES = """
## Sources

- Gmail, read: absence reply (infotech.sseriga.edu/e-mail/vacation-responder, helpdesk.mhrd.org, a copy of Google's own page),
  a filter from a mail (itworld.co.kr, tag 9469).
- Where to check the others: support.google.com/mail (signature, snooze, move and label), help.naver.com (메일: 쓰기, 검색, 환경설정의
  부재중 설정, 서명, 메일 자동분류).
"""


def peer_count(peer: str, way: str, task: str) -> int | None:
    """Count of a task there; None where it cannot be done."""
    steps = _PEERS[peer].get(LIKE.get(way, way), {}).get(task, _NONE)
    return len(steps) or None


def too_many(way: str, counted: dict[str, int]) -> list[str]:
    """Where another mail program takes less."""
    return [
        f"{way}, {task}: {ours}, {peer} {theirs}"
        for task, ours in counted.items()
        for peer in _PEERS
        if (theirs := peer_count(peer, way, task)) is not None and ours > theirs
    ]


def _cell(peer: str, way: str, task: str) -> str:
    count = peer_count(peer, way, task)
    return "–" if count is None else str(count)


def _steps(steps: tuple[str, ...]) -> str:
    """The steps in order, one that is done many times once, with its number."""
    once = dict.fromkeys(steps)
    return " → ".join(one if steps.count(one) == 1 or len(one) < 4 else f"{one} ({steps.count(one)})" for one in once)


def written(counts: Counts) -> str:
    """The page."""
    theirs = [(peer, way) for peer, ways in _PEERS.items() for way in ways if way in WAYS]
    heads = [*WAYS, *(f"{peer}, {way}" for peer, way in theirs)]
    lines = ["| task | " + " | ".join(heads) + " |", "|---|" + "---:|" * len(heads)]
    for task, told in TASKS.items():
        cells = [str(counts[way][task]) for way in WAYS] + [_cell(peer, way, task) for peer, way in theirs]
        lines.append(f"| {told} | " + " | ".join(cells) + " |")
    sums = [f"**{sum(counts[way].values())}**" for way in WAYS] + [""] * len(theirs)
    lines.append("| **all ten** | " + " | ".join(sums) + " |")
    steps = []
    for peer, way in theirs:
        steps += ["", f"### {peer}, {way}", ""]
        steps += [f"- {TASKS[task]}: {_steps(of) or '–'}" for task, of in _PEERS[peer][way].items()]
    return _HEAD + "\n".join(lines) + "\n" + _FOOT + "\n".join(steps) + "\n" + _SOURCES


def recorded() -> Counts:
    """The counts that stand on the page."""
    text = PAGE.read_text()
    found: Counts = {way: {} for way in WAYS}
    for task, told in TASKS.items():
        row = re.search(rf"^\| {re.escape(told)} \|(.*)\|$", text, re.MULTILINE)
        cells = row[1].split("|") if row else []
        for way, cell in zip(WAYS, cells, strict=False):
            found[way][task] = int(cell)
    return found


def drawn(counts: Counts) -> str:
    """Bars: each task by each way, ours beside theirs."""
    colours = {"SmartMail": "#0b6e4f", "Gmail": "#b3541e", "Naver": "#6b7280"}
    step, high, left, wide, unit = 15, 58, 400, 290, 8
    ways = [way for way in WAYS if way not in LIKE]
    out = []
    for at, way in enumerate(ways):
        out.append(f'<text x="{left + at * wide}" y="16" font-weight="bold">{way}</text>')
    for line, (task, told) in enumerate(TASKS.items()):
        top = 30 + line * high
        out.append(f'<text x="8" y="{top + 26}">{escape(told)}</text>')
        for at, way in enumerate(ways):
            bars = {
                "SmartMail": counts[way][task],
                "Gmail": peer_count("Gmail", way, task),
                "Naver": peer_count("Naver", way, task),
            }
            for place, (who, count) in enumerate(bars.items()):
                x, y = left + at * wide, top + place * step
                width = (count or 0) * unit
                # A long bar ends at the edge of its column; its number tells how long it is.
                shown = min(width, wide - 50)
                out.append(f'<rect x="{x}" y="{y}" width="{shown}" height="{step - 4}" fill="{colours[who]}"/>')
                label = "–" if count is None else str(count)
                out.append(f'<text x="{x + shown + 5}" y="{y + 10}" fill="{colours[who]}">{label}</text>')
    foot = 30 + len(TASKS) * high + 10
    for at, (who, colour) in enumerate(colours.items()):
        out.append(f'<text x="{left + at * 100}" y="{foot}" fill="{colour}">{who}</text>')
    size = f'width="{left + len(ways) * wide}" height="{foot + 14}"'
    style = 'font-family="sans-serif" font-size="12"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}><rect width="100%" height="100%" fill="#fff"/>{"".join(out)}</svg>\n'


def record(way: str, counted: dict[str, int]) -> None:
    """Put what was counted into its column."""
    DESIGN.mkdir(exist_ok=True)
    counts = recorded() if PAGE.exists() else {each: dict.fromkeys(TASKS, 0) for each in WAYS}
    counts[way] = counted
    PAGE.write_text(written(counts))
    PICTURE.write_text(drawn(counts))
