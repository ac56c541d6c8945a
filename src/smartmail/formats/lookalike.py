"""Names that look like other names: the skeleton of a text, and how one domain imitates another.

A skeleton is what remains when letters that look alike become one (the idea of Unicode Technical Standard #39 §4):
two texts with one skeleton cannot be told apart by a hurried reader. The table here is our own and knows what looks
like ASCII letters and digits, for those are what domains of victims are made of; marks on letters are dropped.
Pure, linear in the text (distances in the square of a bounded length), never raises.
"""

import unicodedata
from typing import Final, Literal

from smartmail.base.text import INVISIBLE, without_invisible
from smartmail.formats.address import domain_to_unicode

Likeness = Literal["skeleton", "typo", "affix", "suffix", "inside"]
"""How a domain imitates another: same look, a letter or two changed, a word or hyphen added, another ending, or the
whole name used as a part of a longer one.
"""

MAX_LABEL: Final = 63
_SHORT, _LONG = 6, 10
"""Labels this long may differ by one letter, or by two: shorter ones are near too many honest names."""

# Letters of other scripts → the ASCII letter that they look like, by groups.
_LOOKS: Final = {
    "a": "аαɑаӑӓạ", "b": "ЬьвВβЪъƅБɓ", "c": "сϲςсⅽ", "d": "ԁɗժⅾ", "e": "еёєҽεеӗҿ", "f": "ғſϝẝ", "g": "ɡցԌ",
    "h": "һհԋнНҺ", "i": "іїıɩιίӏіɪ", "j": "јϳյ", "k": "кκкҝқҟ", "l": "ӏⅼ׀ǀ|Ɩ", "m": "мМⅿӎ", "n": "пηռող",
    "o": "оοσօоӧ००٥۵оዐ〇", "p": "рρթрҏ", "q": "ԛգզ", "r": "гɾґᴦ", "s": "ѕʂꜱ", "t": "тτтҭ", "u": "υսԱцʋ",
    "v": "νѵⅴ", "w": "ѡԝшωա", "x": "хχⅹҳ", "y": "уγүұчʏ", "z": "ᴢʐȥ", "0": "Ο", "3": "зЗӡʒ", "6": "б",
}  # fmt: skip
_TABLE: Final = str.maketrans({look: letter for letter, looks in _LOOKS.items() for look in looks})
# Of ASCII itself: what one reads for the other in the type of a mail program.
_ASCII: Final = str.maketrans({"1": "l", "i": "l", "|": "l", "0": "o", "5": "s"})
_PAIRS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"))
_HONEST: Final = frozenset("\u200c\u200d\ufe0e\ufe0f\ufeff\u00ad")
"""Joiners of emoji and of some scripts, a mark at the start, a place to break a word."""

# Endings of two labels under which names are given out; else the ending is one label. What is missing here only makes
# a comparison less exact.
_SECOND: Final = {
    "kr": "co or go ac re pe ne hs ms es sc kg seoul busan daegu incheon gwangju daejeon ulsan gyeonggi jeju",
    "jp": "co or go ac ne gr ad ed lg", "cn": "com net org gov edu ac", "tw": "com net org gov edu idv",
    "hk": "com net org gov edu idv", "uk": "co org gov ac ltd plc me net", "au": "com net org gov edu id",
    "nz": "co org govt ac net", "in": "co net org gov ac firm", "br": "com net org gov edu", "sg": "com net org gov edu",
    "my": "com net org gov edu", "vn": "com net org gov edu", "th": "co or go ac in", "id": "co or go ac web",
    "tr": "com net org gov edu", "mx": "com net org gob edu", "za": "co org gov ac", "il": "co org gov ac",
}  # fmt: skip
_ENDINGS: Final = frozenset(f"{label}.{top}" for top, labels in _SECOND.items() for label in labels.split())


def hidden_count(text: str) -> int:
    """Return how many characters of a text take no room on the screen and have no honest use."""
    return 0 if text.isascii() else sum(1 for one in INVISIBLE.findall(text) if one not in _HONEST)


def plain(text: str) -> str:
    """Return text with letters that imitate ASCII as these, marks dropped, nothing invisible; Hangul stays what it is."""
    text = without_invisible(text)
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text.translate(_TABLE))
    return unicodedata.normalize("NFC", "".join(one for one in decomposed if not unicodedata.combining(one)))


def skeleton(text: str) -> str:
    """Return what a text looks like: equal for texts that look alike."""
    text = plain(text).lower().translate(_TABLE).translate(_ASCII)
    for pair, letter in _PAIRS:
        text = text.replace(pair, letter)
    return text


def scripts_of(text: str) -> frozenset[str]:
    """Return the scripts of the letters: "LATIN", "CYRILLIC", "HANGUL" … ("CJK" for Chinese characters)."""
    found = set()
    for one in text:
        if one.isalpha():
            found.add("LATIN" if one.isascii() else unicodedata.name(one, "?").split()[0])
    return frozenset(found)


_TOGETHER: Final = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC"}),
    frozenset({"LATIN", "HANGUL", "CJK"}),
    frozenset({"LATIN", "BOPOMOFO", "CJK"}),
)


def mixes_scripts(label: str) -> bool:
    """Say whether a label mixes scripts that no language mixes (UTS #39 §5.2, highly restrictive)."""
    scripts = scripts_of(label)
    return len(scripts) > 1 and not any(scripts <= allowed for allowed in _TOGETHER)


def split_domain(domain: str) -> tuple[str, str]:
    """Return (the label that somebody registered, the ending): `("innotab", "co.kr")` of `mail.innotab.co.kr`."""
    labels = domain_to_unicode(domain.strip(".")).lower().split(".")
    if len(labels) < 2:
        return labels[-1][:MAX_LABEL], ""
    size = 2 if len(labels) > 2 and ".".join(labels[-2:]) in _ENDINGS else 1
    return labels[-size - 1][:MAX_LABEL], ".".join(labels[-size:])


def registered(domain: str) -> str:
    """Return the domain that was registered, in Unicode: `innotab.co.kr` of `mail.innotab.co.kr`."""
    label, ending = split_domain(domain)
    return f"{label}.{ending}" if ending else label


def likeness(domain: str, original: str) -> Likeness | None:
    """Say how `domain` imitates `original`; None when it does not, or is it (or under it)."""
    name, ending = split_domain(domain)
    true_name, true_ending = split_domain(original)
    if not true_ending or (name == true_name and ending == true_ending):
        return None
    if name == true_name:
        return "suffix"
    look, true_look = skeleton(name), skeleton(true_name)
    if look == true_look and len(true_name) > 2:
        return "skeleton"
    if len(true_name) >= 5 and skeleton(name.replace("-", "")) == true_look:
        return "affix"
    if len(true_name) >= 5 and true_look in (words := look.split("-")) and len(words) > 1:
        return "affix"
    if _near(name, true_name):
        return "typo"
    return "inside" if _holds(domain_to_unicode(domain).lower(), original) else None


def _near(name: str, true_name: str) -> bool:
    allowed = 2 if len(true_name) >= _LONG else 1 if len(true_name) >= _SHORT else 0
    return bool(allowed) and distance(name, true_name, allowed) <= allowed


def _holds(domain: str, original: str) -> bool:
    """Say whether the whole original stands before a foreign ending: `innotab.com.login.example`."""
    wanted = domain_to_unicode(original).lower().strip(".")
    return len(wanted) > 5 and f".{wanted}." in f".{domain.strip('.')}" + ("" if domain.endswith(wanted) else ".")


def distance(one: str, other: str, limit: int) -> int:
    """Return how many letters differ, a swap of neighbours counting once; `limit` + 1 for all that is farther.

    Damerau and Levenshtein's in its restricted form; at most `MAX_LABEL` letters are looked at.
    """
    one, other = one[:MAX_LABEL], other[:MAX_LABEL]
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        earlier, before, row = before, row, [number]
        for at, theirs in enumerate(other, 1):
            cost = min(before[at] + 1, row[at - 1] + 1, before[at - 1] + (letter != theirs))
            if number > 1 and at > 1 and letter == other[at - 2] and one[number - 2] == theirs:
                cost = min(cost, earlier[at - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)
