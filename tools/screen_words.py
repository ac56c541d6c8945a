"""Holds the words that screens, mails and guides of each language never use, by the table `web/i18n/words.toml`.

What it finds is named with file, key or line, the word and what to write. An exception that nothing needs any more is a
fault too, so that their number only falls.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

TABLE = "web/i18n/words.toml"
CATALOGUES = ("web/i18n/catalogues", "web/i18n/admin", "src/smartmail/app/catalogues")
GUIDES = ("docs/guide-user", "docs/guide-admin")
LANGUAGES = ("ko", "en", "ja", "zh-Hans", "zh-Hant")

# What a guide quotes as typed or names by address is not its own word; neither is a name to be filled in.
_QUOTED = re.compile(r"`[^`\n]*`|\]\([^)\n]*\)|\{\w+\}")
_BLOCK = re.compile(r"^```.*?^```|^    \S.*?$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Word:
    """A word of a language: what to say, what never to say, and the keys that mean something else by it."""

    language: str
    say: str
    never: re.Pattern[str]
    excepted: tuple[str, ...]


@dataclass(frozen=True)
class Text:
    """A text of a catalogue, or a line of a guide."""

    file: str
    key: str
    language: str
    text: str


def words(root: Path) -> tuple[list[Word], tuple[str, ...]]:
    """Return the table, and the keys that hold words of searches."""
    table = tomllib.loads((root / TABLE).read_text(encoding="utf-8"))
    found = [
        Word(language, row["say"], _pattern(language, row["never"]), tuple(row.get("except", ())))
        for language in LANGUAGES
        for row in table.get(language, ())
    ]
    return found, tuple(table["searches"])


def _pattern(language: str, never: list[str]) -> re.Pattern[str]:
    either = "|".join(never)
    return re.compile(rf"(?<![\w-])(?:{either})(?![\w-])" if language == "en" else either)


def texts(root: Path) -> Iterator[Text]:
    """Yield what people read: the catalogues by key, the guides by line."""
    for folder in CATALOGUES:
        for language in LANGUAGES:
            file = f"{folder}/{language}.json"
            if (root / file).exists():
                for key, text in json.loads((root / file).read_text(encoding="utf-8")).items():
                    forms = text.values() if isinstance(text, dict) else (text,)
                    yield from (Text(file, key, language, _QUOTED.sub(" ", form)) for form in forms)
    for folder in GUIDES:
        for path in sorted((root / folder).glob("*/*.md")):
            file = path.relative_to(root).as_posix()
            prose = _BLOCK.sub(lambda block: "\n" * block[0].count("\n"), path.read_text(encoding="utf-8"))
            for number, line in enumerate(prose.splitlines(), 1):
                yield Text(file, str(number), path.parent.name, _QUOTED.sub(" ", line))


def faults(root: Path) -> list[str]:
    """Return each text that says a word it should not, and each exception that is not needed."""
    table, searches = words(root)
    used: set[tuple[Word, str]] = set()
    found = []
    for text in texts(root):
        if any(fnmatchcase(text.key, key) for key in searches):
            continue
        for word in table:
            if word.language == text.language and (said := word.never.search(text.text)):
                excepted = [key for key in word.excepted if fnmatchcase(text.key, key)]
                used |= {(word, key) for key in excepted}
                if not excepted:
                    found.append(f"{text.file}: {text.key}: {said[0].strip()!r}; write instead: {word.say}")
    idle = [(word, key) for word in table for key in word.excepted if (word, key) not in used]
    return found + [f"{TABLE}: {word.language} {word.say!r}: the exception {key} is not needed" for word, key in idle]
