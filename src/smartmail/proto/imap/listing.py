"""Which mailboxes a LIST or LSUB names, and with which attributes (RFC 3501 §6.3.8–9, RFC 5258, RFC 6154, RFC 3348).

PURPOSE: pure selection over names. Must not know rights or counts; who may see a name is decided before.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from smartmail.proto.imap.commands import List, ListReturn, ListSelect, Lsub

_LONGEST_PATTERN: Final = 1_024
_WILDCARDS: Final = re.compile(r"[*%]{2,}")


@dataclass(frozen=True, slots=True)
class Listed:
    """One name as the service knows it.

    `exists` is False for a subscribed name without a mailbox. `special_use`: attributes such as `\\Sent`.
    """

    name: str
    subscribed: bool = False
    exists: bool = True
    selectable: bool = True
    inferiors: bool = True
    special_use: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the answer; `status` says whether LIST-STATUS applies to it (RFC 5819 §2)."""

    name: str
    attributes: tuple[str, ...]
    child_info: tuple[str, ...] = ()
    status: bool = False


class Pattern:
    """A name pattern: `*` is anything, `%` anything within one level (RFC 3501 §6.3.8).

    Matching keeps the set of reachable pattern positions as bits of one number, so that time is linear in the name
    whatever the pattern: a backtracking expression would hang on `%*%*%*`.
    """

    __slots__ = ("_delimiter", "_length", "_literals", "_percents", "_plain", "_stars", "impossible")

    def __init__(self, pattern: str, delimiter: str) -> None:
        self.impossible = len(pattern) > _LONGEST_PATTERN
        if pattern[:5].upper() == "INBOX" and pattern[5:6] in {"", delimiter}:
            # RFC 3501 §5.1: INBOX is one mailbox in every case; our names spell it so.
            pattern = "INBOX" + pattern[5:]
        # Wildcards in a row mean what the widest of them means.
        pattern = _WILDCARDS.sub(lambda run: "*" if "*" in run.group() else "%", pattern)
        self._delimiter = delimiter
        self._length = len(pattern)
        self._plain = pattern if "*" not in pattern and "%" not in pattern else None
        self._stars = sum(1 << i for i, c in enumerate(pattern) if c == "*")
        self._percents = sum(1 << i for i, c in enumerate(pattern) if c == "%")
        self._literals: dict[str, int] = {}
        for i, c in enumerate(pattern):
            if c not in "*%":
                self._literals[c] = self._literals.get(c, 0) | 1 << i

    def matches(self, name: str) -> bool:
        if self.impossible:
            return False
        if self._plain is not None:
            return name == self._plain
        wild = self._stars | self._percents
        here = self._closure(1, wild)
        for character in name:
            stay = here & (self._stars if character == self._delimiter else wild)
            here = self._closure(stay | (here & self._literals.get(character, 0)) << 1, wild)
            if not here:
                return False
        return bool(here >> self._length & 1)

    @staticmethod
    def _closure(positions: int, wild: int) -> int:
        """Let every wildcard at hand also stand for nothing."""
        while True:
            wider = positions | (positions & wild) << 1
            if wider == positions:
                return positions
            positions = wider


def select_rows(command: List | Lsub, mailboxes: Iterable[Listed], delimiter: str = "/") -> list[Row]:
    """Return the lines of the answer, sorted as the tree reads, INBOX first."""
    known = sorted(mailboxes, key=lambda one: _place(one.name, delimiter))
    if isinstance(command, Lsub):
        return sorted(_lsub(command, known, delimiter), key=lambda row: _place(row.name, delimiter))
    if command.patterns == ("",) and not command.extended:
        # RFC 3501 §6.3.8: an empty name asks for the delimiter and the root of the reference.
        root, separator, _ = command.reference.partition(delimiter)
        return [Row(root + separator if separator else "", ("\\Noselect",))]
    return sorted(_Selection(command, known, delimiter).rows(), key=lambda row: _place(row.name, delimiter))


def _place(name: str, delimiter: str) -> tuple[bool, list[str]]:
    """Return what names are sorted by: level by level, so that a parent stands right before what is below it."""
    return name != "INBOX", name.split(delimiter)


def _patterns(reference: str, patterns: Iterable[str], delimiter: str) -> list[Pattern]:
    """RFC 3501 §6.3.8: reference and name are joined; a name that starts at the root stands alone."""
    return [
        Pattern(pattern if pattern.startswith(delimiter) else reference + pattern, delimiter) for pattern in patterns
    ]


def _parents(name: str, delimiter: str) -> list[str]:
    """Return the names above `name`, nearest first."""
    above = []
    end = name.rfind(delimiter)
    while end > 0:
        name = name[:end]
        above.append(name)
        end = name.rfind(delimiter)
    return above


class _Selection:
    """The answer to one LIST over names that are sorted."""

    def __init__(self, command: List, mailboxes: Sequence[Listed], delimiter: str) -> None:
        self._command = command
        self._delimiter = delimiter
        self._by_name = {one.name: one for one in mailboxes}
        self._patterns = _patterns(command.reference, command.patterns, delimiter)
        self._with_children = {
            parent for one in mailboxes if one.exists for parent in _parents(one.name, delimiter)[:1]
        }
        self._with_below: set[str] = set()
        if ListSelect.RECURSIVEMATCH in command.select:
            self._with_below = {
                parent for one in mailboxes if self._chosen(one) for parent in _parents(one.name, delimiter)
            }

    def rows(self) -> list[Row]:
        rows = [row for one in self._by_name.values() if (row := self._row(one)) is not None]
        # RFC 5258 §3.5: a parent that is no mailbox itself is told when RECURSIVEMATCH finds something below it.
        for name in self._with_below - self._by_name.keys():
            row = self._row(Listed(name, exists=False))
            if row is not None:
                rows.append(row)
        return rows

    def _chosen(self, one: Listed) -> bool:
        """Whether the selection options want the mailbox, its name apart; options narrow together (RFC 5258 §3.1)."""
        select = self._command.select
        if ListSelect.SPECIAL_USE in select and not one.special_use:
            return False
        return one.subscribed if ListSelect.SUBSCRIBED in select else one.exists

    def _row(self, one: Listed) -> Row | None:
        if not any(pattern.matches(one.name) for pattern in self._patterns):
            return None
        below = one.name in self._with_below
        if not self._chosen(one) and not below:
            return None
        options = self._command.select - {ListSelect.RECURSIVEMATCH, ListSelect.REMOTE}
        child_info = tuple(sorted(option.value for option in options)) if below else ()
        return Row(one.name, self._attributes(one), child_info, status=one.exists and one.selectable)

    def _attributes(self, one: Listed) -> tuple[str, ...]:
        command = self._command
        names = []
        if not one.exists:
            # RFC 5258 §3: \NonExistent implies \Noselect.
            names.append("\\NonExistent")
        elif not one.selectable:
            names.append("\\Noselect")
        if one.subscribed and (ListReturn.SUBSCRIBED in command.returns or ListSelect.SUBSCRIBED in command.select):
            names.append("\\Subscribed")
        if ListReturn.CHILDREN in command.returns or not command.extended:
            names.append(self._children(one))
        elif not one.inferiors:
            names.append("\\Noinferiors")
        # RFC 6154 §2: a server may tell the use in a plain LIST, and clients count on it.
        if one.special_use and (
            not command.extended
            or ListReturn.SPECIAL_USE in command.returns
            or ListSelect.SPECIAL_USE in command.select
        ):
            names.extend(one.special_use)
        return tuple(names)

    def _children(self, one: Listed) -> str:
        """RFC 3348 §3."""
        if one.name in self._with_children:
            return "\\HasChildren"
        return "\\HasNoChildren" if one.inferiors else "\\Noinferiors"


def _lsub(command: Lsub, mailboxes: Sequence[Listed], delimiter: str) -> list[Row]:
    """RFC 3501 §6.3.9: with `%`, a name above a subscribed one is told as \\Noselect when it is not subscribed."""
    pattern = _patterns(command.reference, (command.pattern,), delimiter)[0]
    subscribed = {one.name: one for one in mailboxes if one.subscribed}
    rows: dict[str, Row] = {}
    for name, one in subscribed.items():
        if pattern.matches(name):
            rows[name] = Row(name, () if one.exists and one.selectable else ("\\Noselect",))
        elif command.pattern.endswith("%"):
            for parent in _parents(name, delimiter):
                if parent not in subscribed and pattern.matches(parent):
                    rows[parent] = Row(parent, ("\\Noselect",))
    return list(rows.values())
