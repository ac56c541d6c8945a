"""Mail from a recipe: kinds of lines with alternatives, drawn into messages. Deterministic.

The form of a recipe (ko.txt and ko_*.txt, en.txt …): `[kind]` good, `[!kind]` spam, `[*]` three lines that any mail could
have (greetings, ends, sentences), separated by `|`; `= ` subjects; every other line a sentence. `{a|b}`: one of them.
"""

import base64
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.header import Header
from pathlib import Path
from typing import Final, NamedTuple

LANGUAGES: Final = ("ko", "en", "ja", "zh")
_CHOICE: Final = re.compile(r"\{([^{}]*)\}")
_BAR: Final = re.compile(r"\|(?![^{]*\})")
_HERE: Final = Path(__file__).parent
_EVADED: Final = 0.25


@dataclass
class Kind:
    """Subjects and sentences of one intent."""

    spam: bool
    subjects: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


class Recipe(NamedTuple):
    """Of one language."""

    greetings: list[str]
    ends: list[str]
    neutral: list[str]
    kinds: dict[str, Kind]


class Made(NamedTuple):
    """A message and what it is."""

    octets: bytes
    spam: bool
    kind: str


def files(language: str, folder: Path = _HERE) -> list[Path]:
    """Return the files of a language: its first one, with `[*]`, and those that other hands added, `LANGUAGE_*.txt`."""
    return [folder / f"{language}.txt", *sorted(folder.glob(f"{language}_*.txt"))]


def load(language: str, folder: Path = _HERE) -> Recipe:
    """Return the recipe of a language, all its files together."""
    common: list[list[str]] = []
    kinds: dict[str, Kind] = {}
    kind: Kind | None = None
    for line in (line for one in files(language, folder) for line in one.read_text("utf-8").splitlines()):
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            name = line.strip("[]")
            kind = kinds.setdefault(name, Kind(name.startswith("!"))) if name != "*" else None
        elif kind is None:
            common.append(_BAR.split(line))
        elif line.startswith("= "):
            kind.subjects += [one.removeprefix("= ").strip() for one in _BAR.split(line)]
        else:
            kind.lines.append(line)
    return Recipe(common[0], common[1], common[2], kinds)


def every(_place: int) -> bool:
    """Keep all lines."""
    return True


def messages(
    language: str, count: int, seed: int, keep: Callable[[int], bool] = every, folder: Path = _HERE
) -> Iterator[Made]:
    """Give `count` messages, as many good as bad, kinds in turn. `keep`: which lines, by their place in a kind, so that
    settings can be chosen on sentences that were not learned.
    """
    recipe, chance = load(language, folder), random.Random(f"{language} {seed}")
    sides = {spam: sorted(name for name, kind in recipe.kinds.items() if kind.spam == spam) for spam in (True, False)}
    for number in range(count):
        side = sides[number % 2 == 0]
        name = side[number // 2 % len(side)]
        yield Made(_message(recipe, recipe.kinds[name], keep, number, chance), recipe.kinds[name].spam, name)


def _message(recipe: Recipe, kind: Kind, keep: Callable[[int], bool], number: int, chance: random.Random) -> bytes:
    lines = _kept(kind.lines, keep)
    said = chance.sample(lines, min(len(lines), chance.randrange(1, 5)))
    said += chance.sample(recipe.neutral, chance.randrange(0, 3))
    chance.shuffle(said)
    if chance.random() < 0.8:
        said.insert(0, chance.choice(recipe.greetings))
    if chance.random() < 0.8:
        said.append(chance.choice(recipe.ends))
    gap = chance.choice(("\n", "\n\n", " "))
    text = gap.join(_filled(line, chance) for line in said)
    subject = _filled(chance.choice(_kept(kind.subjects, keep) or kind.subjects), chance)
    if kind.spam and chance.random() < _EVADED:
        subject, text = _evaded(subject, chance), _evaded(text, chance)
    head = (
        f"From: <a{number}@outside.test>\r\nTo: <kim@office.test>\r\nSubject: {Header(subject, 'utf-8').encode()}\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.replace("\n ", "\r\n ").replace("\r\r", "\r").encode() + base64.encodebytes(text.encode())


def _kept(lines: list[str], keep: Callable[[int], bool]) -> list[str]:
    return [line for place, line in enumerate(lines) if keep(place)]


def _filled(line: str, chance: random.Random) -> str:
    return _CHOICE.sub(lambda match: chance.choice(match[1].split("|")), line)


def _evaded(text: str, chance: random.Random) -> str:
    """Write some Korean words apart, as those do who do not want to be found."""
    out = []
    for word in text.split(" "):
        if len(word) >= 2 and all("가" <= char <= "힣" for char in word) and chance.random() < 0.3:
            word = chance.choice((".", " ", "·", "-", "*")).join(word)
        out.append(word)
    return " ".join(out)
