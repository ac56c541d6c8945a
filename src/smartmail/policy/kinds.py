"""The types of knobs: what a value may be, how it is read from text and JSON, and which of two is stricter."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

from smartmail.domain.policy import Value

V = TypeVar("V", bound=Value)


class Kind(Protocol[V]):
    """One type of value. `accept` takes what JSON gives and raises ValueError; `read` does so with typed text."""

    def accept(self, value: object) -> V:
        """Return the value in its own type."""
        ...

    def read(self, text: str) -> V:
        """Return the value that a person typed."""
        ...

    def stricter(self, one: V, other: V) -> V:
        """Return what holds where two rules of the same strength disagree (korea.md KX-2: deny on tie)."""
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
class Choice:
    """One of a few words, the strictest first."""

    words: tuple[str, ...]

    def accept(self, value: object) -> str:
        if not isinstance(value, str) or value not in self.words:
            raise ValueError(f"one of {', '.join(self.words)}")
        return value

    def read(self, text: str) -> str:
        return self.accept(text.strip())

    def stricter(self, one: str, other: str) -> str:
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
    """Some of a list of names, kept in the list's order; fewer are stricter, none is impossible."""

    names: tuple[str, ...]

    def accept(self, value: object) -> tuple[str, ...]:
        if not isinstance(value, (list, tuple)) or not value or not all(name in self.names for name in value):
            raise ValueError(self.describe())
        return tuple(name for name in self.names if name in value)

    def read(self, text: str) -> tuple[str, ...]:
        return self.accept(text.replace(",", " ").split())

    def stricter(self, one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
        return min(one, other, key=lambda some: (len(some), [self.names.index(name) for name in some]))

    def describe(self) -> str:
        return f"some of {', '.join(self.names)}"
