"""Numbers as a workbook shows them (ECMA-376 part 1, §18.8.30, §18.8.31): digits, groups, percents, dates, words around them.

What is not done: fractions, conditions, colours, and names of days and months of other languages than Korean and English.
"""

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

BUILT_IN: Final = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 14: "yyyy-mm-dd",
    15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss",
    22: "yyyy-mm-dd h:mm", 37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 41: "#,##0", 42: "#,##0",
    43: "#,##0.00", 44: "#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 49: "@",
    # Korean, Chinese and Japanese Excel keep dates of their own there.
    27: "yyyy-mm-dd", 30: "m/d/yy", 31: "yyyy년 mm월 dd일", 57: "yyyy-mm-dd",
}  # fmt: skip
_TOKEN: Final = re.compile(
    r'"([^"]*)"|\\(.)|_.|\*.|\[(?:\$([^\]-]*)[^\]]*|(h+|m+|s+)|[^\]]*)\]|(AM/PM|A/P|오전/오후)|(y+|m+|d+|h+|s+|a{3,4})|(\.0+)|(.)',
    re.IGNORECASE | re.DOTALL,
)
_QUOTED: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_DIGITS: Final = re.compile(r"[0#?][0#?,]*(?:\.[0#?]*)?(?:[eE][+-]0+)?")
_DATE: Final = re.compile(r"[ymdhs]", re.IGNORECASE)
_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 -- a sheet knows no zone; the base swallows Excel's 29 February 1900
_EPOCH_1904: Final = datetime(1904, 1, 1)  # noqa: DTZ001
_DAYS: Final = "월화수목금토일"
_MAX_DATE: Final = 2_958_465
_MAX_FORMAT: Final = 300
_MAX_ROUNDED: Final = 1e15  # beyond, a number has no digits after the point


def shown(value: float, form: str, *, since_1904: bool = False) -> str:
    """Return a number under a format."""
    sections = _sections(form[:_MAX_FORMAT])
    section = sections[0]
    negative = value < 0
    if negative and len(sections) > 1:
        section, value, negative = sections[1], -value, False
    elif value == 0 and len(sections) > 2:
        section = sections[2]
    bare = _QUOTED.sub("", section)
    if not section or bare.strip().lower() == "general" or "@" in bare:
        return _general(-value if negative and value > 0 else value)
    if _DATE.search(bare.replace("E+", "").replace("E-", "")):
        # Excel shows a row of # for what is no date.
        return _date(value, section, since_1904=since_1904) if 0 <= value <= _MAX_DATE else _general(value)
    return ("-" if negative else "") + _number(abs(value), section, bare)


def _sections(form: str) -> list[str]:
    found, at, quoted = [""], 0, False
    while at < len(form):
        if form[at] == '"':
            quoted = not quoted
        if form[at] == ";" and not quoted:
            found.append("")
        else:
            found[-1] += form[at]
        at += 1
    return found


def _general(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.10g}"


def _number(value: float, section: str, bare: str) -> str:
    match = _DIGITS.search(bare)
    value *= 100 ** bare.count("%")
    words = ""
    pattern = match[0] if match else ""
    if pattern:
        whole, _, fraction = pattern.partition(".")
        if "e" in pattern.lower():
            places = sum(fraction.lower().partition("e")[0].count(each) for each in "0#?")
            words = f"{value:.{places}E}"
        else:
            value /= 1_000 ** (len(whole) - len(whole.rstrip(",")))
            wanted, most = fraction.count("0"), len(fraction)
            words = f"{_rounded(value, most):{',' if ',' in whole.rstrip(',') else ''}.{most}f}"
            for _ in range(most - wanted):
                words = words.removesuffix("0")
            words = words.removesuffix(".")
            if (least := whole.count("0")) > 1 and "," not in whole:
                head, dot, tail = words.partition(".")
                words = head.zfill(least) + dot + tail
    return _around(section, pattern, words)


def _rounded(value: float, places: int) -> Decimal | float:
    """Return a number to its places as a sheet rounds it: a half goes up, by the digits that are seen."""
    if not abs(value) < _MAX_ROUNDED:
        return value
    return Decimal(f"{value:.15g}").quantize(Decimal(1).scaleb(-min(places, 12)), ROUND_HALF_UP)


def _around(section: str, pattern: str, words: str) -> str:
    """Return the number with the words of its format around it."""
    text, placed, at = "", False, 0
    while at < len(section):
        if not placed and pattern and section.startswith(pattern, at):
            text, placed, at = text + words, True, at + len(pattern)
            continue
        match = _TOKEN.match(section, at)
        if match is None:
            break
        text += match[1] or match[2] or match[3] or match[5] or match[6] or match[7] or _plain(match[8])
        at = match.end()
    return text.strip()


def _plain(char: str | None) -> str:
    return char if char and char not in "#?,0" else ""


def _date(value: float, section: str, *, since_1904: bool) -> str:
    try:
        when = (_EPOCH_1904 if since_1904 else _EPOCH) + timedelta(seconds=round(value * 86_400))
    except OverflowError:
        return _general(value)
    tokens = list(_TOKEN.finditer(section))
    half = any(match[5] for match in tokens)
    text, minutes = "", False
    for at, match in enumerate(tokens):
        if match[6] or match[4]:
            token = (match[6] or match[4]).lower()
            if token[0] == "m" and (minutes or _seconds_follow(tokens, at)):
                text += f"{when.minute:0{min(len(token), 2)}}"
            elif match[4] and token[0] == "h":
                text += str(int(value * 24))
            else:
                text += _field(when, token, half=half)
            minutes = token[0] == "h"
        elif match[5]:
            text += (
                ("오후" if when.hour >= 12 else "오전")
                if match[5][0] not in "Aa"
                else ("PM" if when.hour >= 12 else "AM")
            )
        else:
            text += match[1] or match[2] or match[8] or ""
    return text.strip()


def _seconds_follow(tokens: list[re.Match[str]], at: int) -> bool:
    return next((match[6].lower()[0] == "s" for match in tokens[at + 1 :] if match[6]), False)


def _field(when: datetime, token: str, *, half: bool) -> str:
    size = len(token)
    if token[0] == "y":
        return f"{when.year:04}" if size > 2 else f"{when.year % 100:02}"
    if token[0] == "a":
        return _DAYS[when.weekday()] + ("요일" if size > 3 else "")
    if token[0] in "md" and size > 2:
        return when.strftime({"m": "%b" if size == 3 else "%B", "d": "%a" if size == 3 else "%A"}[token[0]])
    hour = (when.hour % 12 or 12) if half else when.hour
    number = {"m": when.month, "d": when.day, "h": hour, "s": when.second}[token[0]]
    return f"{number:0{min(size, 2)}}"
