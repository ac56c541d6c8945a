"""The types of knobs: what a value may be, how it is read from text and JSON, and which of two is stricter."""

import re
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_network
from typing import Final, Generic, Protocol, TypeVar

from smartmail.domain.policy import Value

V = TypeVar("V", bound=Value)
W = TypeVar("W", bound=str)

NONE: Final = "none"
"""What is typed for an empty list, where one is possible."""
MAX_NETWORKS: Final = 64
MAX_COUNTRIES: Final = 50
MAX_DAYS: Final = 200
_DAY: Final = re.compile(r"([0-9]{4}-)?[0-9]{2}-[0-9]{2}", re.ASCII)
_LEAP_YEAR: Final = 2028
_COUNTRY: Final = re.compile("[A-Z]{2}")
MAX_NETWORK_LENGTH: Final = 50
MAX_LINES: Final = 200
MAX_LINE_LENGTH: Final = 2_000
_PRINTABLE: Final = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
IPV4: Final = 4


class Kind(Protocol[V]):
    """One type of value. `accept` takes what JSON gives and raises ValueError; `read` does so with typed text."""

    def accept(self, value: object) -> V:
        """Return the value in its own type."""
        ...

    def read(self, text: str) -> V:
        """Return the value that a person typed."""
        ...

    def stricter(self, one: V, other: V) -> V:
        """Return what holds where two rules of the same strength disagree (KX-2: deny on tie)."""
        ...

    def describe(self) -> str:
        """Say what may be typed."""
        ...


@dataclass(frozen=True, slots=True)
class Flag:
    """On or off; `strict` is the stricter of the two."""

    strict: bool

    def accept(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise ValueError("true or false")  # noqa: TRY004 -- one error for every value that cannot be
        return value

    def read(self, text: str) -> bool:
        word = text.strip().lower()
        if word not in _WORDS:
            raise ValueError("on or off")
        return _WORDS[word]

    def stricter(self, one: bool, other: bool) -> bool:
        return self.strict if self.strict in (one, other) else not self.strict

    def describe(self) -> str:
        return "on | off"


_WORDS = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class Choice(Generic[W]):
    """One of a few words, the strictest first."""

    words: tuple[W, ...]

    def accept(self, value: object) -> W:
        for word in self.words:
            if word == value:
                return word
        raise ValueError(f"one of {', '.join(self.words)}")

    def read(self, text: str) -> W:
        return self.accept(text.strip())

    def stricter(self, one: W, other: W) -> W:
        return min(one, other, key=self.words.index)

    def describe(self) -> str:
        return " | ".join(self.words)


@dataclass(frozen=True, slots=True)
class Count:
    """A whole number between two bounds. `zero_is_none`: 0 means "no limit" and is the loosest."""

    least: int
    most: int
    strict: str = "low"
    zero_is_none: bool = False

    def accept(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self._fits(value):
            raise ValueError(self.describe())
        return value

    def read(self, text: str) -> int:
        word = text.strip()
        if not (word.isascii() and word.isdecimal() and len(word) <= 18):
            raise ValueError(self.describe())
        return self.accept(int(word))

    def stricter(self, one: int, other: int) -> int:
        if self.zero_is_none and 0 in (one, other):
            return one or other
        return min(one, other) if self.strict == "low" else max(one, other)

    def describe(self) -> str:
        return f"{self.least}…{self.most}" + (", 0 for no limit" if self.zero_is_none else "")

    def _fits(self, value: int) -> bool:
        return self.least <= value <= self.most or (self.zero_is_none and value == 0)


@dataclass(frozen=True, slots=True)
class Names:
    """Some of a list of names, kept in the list's order. Fewer are stricter and none is impossible, unless the names
    are demands (`strict` "more"): then more are stricter and "none" may be typed.
    """

    names: tuple[str, ...]
    strict: str = "fewer"

    def accept(self, value: object) -> tuple[str, ...]:
        if not isinstance(value, (list, tuple)) or not all(name in self.names for name in value):
            raise ValueError(self.describe())
        if not value and self.strict == "fewer":
            raise ValueError(self.describe())
        return tuple(name for name in self.names if name in value)

    def read(self, text: str) -> tuple[str, ...]:
        words = text.replace(",", " ").split()
        if words == [NONE] and self.strict == "more":
            return ()
        if not words:
            raise ValueError(self.describe())
        return self.accept(words)

    def stricter(self, one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
        choose = min if self.strict == "fewer" else max
        return choose(one, other, key=lambda some: (len(some), [self.names.index(name) for name in some]))

    def describe(self) -> str:
        return f"some of {', '.join(self.names)}" + (f", or {NONE}" if self.strict == "more" else "")


@dataclass(frozen=True, slots=True)
class Networks:
    """Networks from which something is allowed, as CIDR texts in one spelling; none: from everywhere, the loosest."""

    def accept(self, value: object) -> tuple[str, ...]:
        if not isinstance(value, (list, tuple)) or len(value) > MAX_NETWORKS:
            raise ValueError(self.describe())
        return tuple(dict.fromkeys(_network(one) for one in value))

    def read(self, text: str) -> tuple[str, ...]:
        words = text.replace(",", " ").split()
        if not words:
            raise ValueError(self.describe())
        return () if words == [NONE] else self.accept(words)

    def stricter(self, one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
        if not one or not other:
            return one or other
        return min(one, other, key=lambda some: (_size(some), some))

    def describe(self) -> str:
        return f"networks such as 10.0.0.0/8 2001:db8::/32, or {NONE} for everywhere"


@dataclass(frozen=True, slots=True)
class Countries:
    """Countries by their codes of two capital letters (ISO 3166-1), one at least; fewer are stricter."""

    or_none: bool = False
    """Whether none may be named, which then means all."""

    def accept(self, value: object) -> tuple[str, ...]:
        if not isinstance(value, (list, tuple)) or not (0 if self.or_none else 1) <= len(value) <= MAX_COUNTRIES:
            raise ValueError(self.describe())
        if not all(isinstance(one, str) and _COUNTRY.fullmatch(one) for one in value):
            raise ValueError(self.describe())
        return tuple(sorted(set(value)))

    def read(self, text: str) -> tuple[str, ...]:
        words = text.upper().replace(",", " ").split()
        if self.or_none and words == [NONE.upper()]:
            return ()
        if not words:
            raise ValueError(self.describe())
        return self.accept(words)

    def stricter(self, one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
        if self.or_none and not (one and other):
            return one or other
        return min(one, other, key=lambda some: (len(some), some))

    def describe(self) -> str:
        return "countries such as KR or KR JP" + (f", or {NONE} for all" if self.or_none else "")


@dataclass(frozen=True, slots=True)
class Texts:
    """Words for people, as lines: a line `[ko]` begins those in a language, of which there may be several; none: nothing.

    Of two the longer is the stricter: what a company must say is not said by less.
    """

    languages: tuple[str, ...]

    def accept(self, value: object) -> tuple[str, ...]:
        if not isinstance(value, (list, tuple)) or len(value) > MAX_LINES:
            raise ValueError(self.describe())
        if not all(isinstance(one, str) and len(one) <= MAX_LINE_LENGTH and _PRINTABLE.fullmatch(one) for one in value):
            raise ValueError(self.describe())
        lines = tuple(one.strip() for one in value)
        if lines and lines[0] not in {f"[{one}]" for one in self.languages}:
            raise ValueError(self.describe())
        return lines

    def read(self, text: str) -> tuple[str, ...]:
        if text.strip() == NONE:
            return ()
        if not text.strip():
            raise ValueError(self.describe())
        return self.accept(text.strip().splitlines())

    def stricter(self, one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
        return max(one, other, key=lambda lines: (sum(map(len, lines)), lines))

    def describe(self) -> str:
        return f"lines behind a language: {', '.join(f'[{one}]' for one in self.languages)}; or {NONE}"


@dataclass(frozen=True, slots=True)
class Days:
    """Days as `2027-05-03`, or `05-03` for each year, in order; none: nothing. Of two the more are the stricter."""

    def accept(self, value: object) -> tuple[str, ...]:
        if not isinstance(value, (list, tuple)) or len(value) > MAX_DAYS or not all(map(_is_day, value)):
            raise ValueError(self.describe())
        return tuple(sorted(set(value)))

    def read(self, text: str) -> tuple[str, ...]:
        words = text.replace(",", " ").split()
        if not words:
            raise ValueError(self.describe())
        return () if words == [NONE] else self.accept(words)

    def stricter(self, one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
        return max(one, other, key=lambda days: (len(days), days))

    def describe(self) -> str:
        return f"days such as 2027-05-03, or 05-03 for each year; or {NONE}"


def _is_day(text: object) -> bool:
    if not isinstance(text, str) or not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text if len(text) > len("05-03") else f"{_LEAP_YEAR}-{text}")
    except ValueError:
        return False
    return True


def _network(text: object) -> str:
    if not isinstance(text, str) or "/" not in text or len(text) > MAX_NETWORK_LENGTH:
        raise ValueError("networks such as 10.0.0.0/8")
    return str(ip_network(text))


def _size(networks: tuple[str, ...]) -> int:
    return sum(1 << (128 - network.prefixlen - (96 if network.version == IPV4 else 0))
               for network in map(ip_network, networks))  # fmt: skip
