"""The tree that the grammar of RFC 5228 §8.2 gives, before anything is known of commands."""

from collections.abc import Iterator
from dataclasses import dataclass, field

At = tuple[int, int]
"""Line and column, from 1."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number, its multiplier worked in."""

    value: int
    at: At = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Tag:
    """`:name`, in lower case without the colon."""

    name: str
    at: At = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Strings:
    """A string list; `single` when it was written as one string without brackets."""

    values: tuple[str, ...]
    single: bool
    at: At = field(default=(0, 0), compare=False)


Argument = Number | Tag | Strings


@dataclass(frozen=True, slots=True)
class Test:
    """A test with its arguments and, for `not` and its like, further tests. `listed`: they stood in parentheses."""

    __test__ = False  # not one of pytest's

    name: str
    arguments: tuple[Argument, ...] = ()
    tests: tuple["Test", ...] = ()
    listed: bool = False
    at: At = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Command:
    """A command; `block` is None where it ended with a semicolon."""

    name: str
    arguments: tuple[Argument, ...] = ()
    tests: tuple[Test, ...] = ()
    listed: bool = False
    block: tuple["Command", ...] | None = None
    at: At = field(default=(0, 0), compare=False)


Script = tuple[Command, ...]


def write(script: Script) -> str:
    """Return the text of a script; parsing it again gives an equal tree."""
    return "".join(_lines(script, ""))


def _lines(commands: tuple[Command, ...], indent: str) -> Iterator[str]:
    for command in commands:
        head = indent + _words(command)
        if command.block is None:
            yield f"{head};\r\n"
            continue
        yield f"{head} {{\r\n"
        yield from _lines(command.block, indent + "    ")
        yield f"{indent}}}\r\n"


def _words(node: Command | Test) -> str:
    words = [node.name, *map(_argument, node.arguments)]
    if node.listed:
        words.append(f"({', '.join(map(_words, node.tests))})")
    else:
        words += map(_words, node.tests)
    return " ".join(words)


def _argument(argument: Argument) -> str:
    if isinstance(argument, Number):
        return str(argument.value)
    if isinstance(argument, Tag):
        return f":{argument.name}"
    quoted = [quote(value) for value in argument.values]
    return quoted[0] if argument.single else f"[{', '.join(quoted)}]"


def quote(value: str) -> str:
    """Return a string as RFC 5228 §2.4.2 writes it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
