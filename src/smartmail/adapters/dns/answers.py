"""Answers kept until their time has come: bounded in number and age."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MAX_ANSWERS = 10_000
MAX_AGE = 3_600.0
"""However long a zone allows: a mail server that runs for months must see a change on the same day."""
ABSENT_AGE = 60.0
"""For what is not there, when the answer does not say how long (RFC 2308 §5 allows hours)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of the resolver library, whether they are proven, the final name, and how long they hold in seconds."""

    rows: tuple[Any, ...]
    secure: bool
    name: str
    ttl: float


class AnswerCache:
    """The answers of one process; the oldest go first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: int = MAX_ANSWERS) -> None:
        self._clock = clock
        self._most = most
        self._kept: OrderedDict[tuple[str, str], tuple[float, Answer]] = OrderedDict()

    def get(self, name: str, kind: str) -> Answer | None:
        """Return an answer that still holds."""
        found = self._kept.get((name, kind))
        if found is None:
            return None
        if found[0] <= self._clock():
            del self._kept[name, kind]
            return None
        return found[1]

    def put(self, name: str, kind: str, answer: Answer) -> None:
        """Keep an answer as long as it says."""
        if answer.ttl <= 0:
            return
        self._kept[name, kind] = (self._clock() + min(answer.ttl, MAX_AGE), answer)
        self._kept.move_to_end((name, kind))
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
