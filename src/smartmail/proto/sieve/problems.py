"""What is wrong with a script: where, and as a key of the catalogue, so that each reader gets it in their language."""

from dataclasses import dataclass

from smartmail.base.i18n import FALLBACK, translate

MAX_VALUE = 200
"""Characters of the script that a problem repeats."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `line` and `column` count from 1; line 0 stands for the script as a whole.

    `key` names a text of the catalogue (`sieve.` before it), `values` fill its places.
    """

    line: int
    column: int
    key: str
    values: tuple[tuple[str, str], ...] = ()

    def told(self, language: str) -> str:
        """Return what is wrong, without the place, for a reader of `language`."""
        if self.key == "error":
            # The script's own words (RFC 5463 §5).
            return dict(self.values)["text"]
        return translate(language, f"sieve.{self.key}", **dict(self.values))

    def sentence(self, language: str = FALLBACK) -> str:
        """Return place and mistake as one line for a reader of `language`."""
        text = self.told(language)
        if not self.line:
            return text
        return translate(language, "sieve.at", line=self.line, column=self.column, text=text)

    def __str__(self) -> str:
        return self.sentence()


class SieveError(Exception):
    """A script that cannot be parsed, compiled or run to its end."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.key} at {problem.line}:{problem.column}")
        self.problem = problem


def fail(key: str, at: tuple[int, int] = (0, 0), /, **values: object) -> SieveError:
    """Return the error to raise for a place (line, column)."""
    return SieveError(Problem(at[0], at[1], key, tuple((name, shown(value)) for name, value in values.items())))


def shown(value: object) -> str:
    """Return a value as it may be repeated to a person: short, on one line, nothing that a terminal would obey."""
    text = " ".join(str(value).split())
    text = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
    return text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 1] + "…"
