"""A linear model over hashed features: scoring, learning, forgetting, and what one person may contribute.

NAME        model
PURPOSE     `z = w·x`, x being the numbers of a message's tokens with the length 1, w what was learned. Positive speaks
            for spam. Learning is logistic regression, one message at a time, until the message is judged rightly by a
            margin; the sum of steps is kept with the lesson, so that it can be taken back as if it had never been.
STRATEGIES  An organisation's weights are what its administrator taught plus the sum of what its people taught, each
            person's part being no longer than `REACH` (a projection on a ball). As |x| = 1, nobody can move a message of
            anybody else by more than `REACH`, however often and whatever they click (Cauchy and Schwarz); what several
            say alike adds up. For their own mail a person's part counts whole.
LIMITS      `SIZE` weights of 4 octets for an organisation; `MAX_OWN` of a person.
SECURITY    Weights and lessons tell what people write to each other: whoever keeps them seals them.
"""

import math
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from smartmail.formats.spam import older
from smartmail.formats.spam.counts import Counts, Script
from smartmail.formats.spam.familiar import Familiar
from smartmail.formats.spam.packing import head, inflated, is_acquainted, little, opened

BITS: Final = 18
SIZE: Final = 1 << BITS
_MASK: Final = SIZE - 1
RATE: Final = 30.0
"""Chosen by measurement (docs/adr/0019): a step moves the message itself by up to this much."""
MARGIN: Final = 6.0
STEPS: Final = 4
EPOCHS: Final = 6
ORDERS: Final = 3
REACH: Final = 0.5
"""Of one person in the mail of others, where 2.5 is what makes a message junk."""
MAX_OWN: Final = 1 << 16
_MAX_KNOWN: Final = 1 << 17


class _Numbers(dict[str, int]):
    """Token → number, remembered: the tokens of all mail are few."""

    def __missing__(self, token: str) -> int:
        if len(self) >= _MAX_KNOWN:
            self.clear()
        number = self[token] = zlib.crc32(token.encode("utf-8", "replace")) & _MASK
        return number


_numbers: Final = _Numbers()


def numbers(tokens: Iterable[str]) -> "array[int]":
    """Return the numbers of tokens, ascending, each once."""
    return array("I", sorted(set(map(_numbers.__getitem__, tokens))))


def scale(features: Sequence[int]) -> float:
    """Return what makes a message's features a vector of length 1."""
    return 1 / math.sqrt(len(features)) if features else 0.0


def odds_of(z: float) -> float:
    """Return the logistic function."""
    return 1 / (1 + math.exp(-max(-40.0, min(40.0, z))))


class Weights:
    """What an organisation learned: one weight for each number. `familiar`: None where nobody noted what lessons held."""

    __slots__ = ("bad", "counts", "familiar", "good", "values")

    def __init__(
        self, values: "array[float] | None" = None, good: int = 0, bad: int = 0, counts: Counts | None = None
    ) -> None:
        self.familiar: Familiar | None = None
        self.values = values if values is not None else array("f", bytes(4 * SIZE))
        self.good = good
        self.bad = bad
        self.counts = counts if counts is not None else Counts()

    def z(self, features: Sequence[int]) -> float:
        """Return what was learned says of a message."""
        return math.fsum(map(self.values.__getitem__, features)) * scale(features)

    def add(self, part: Mapping[int, float], factor: float = 1.0) -> None:
        """Add `factor` times a part."""
        values = self.values
        for number, value in part.items():
            values[number] += factor * value

    def meet(self, pairs: Sequence[int]) -> None:
        """Remember what a lesson held, before it is counted. Lessons that nobody noted make a model that stays as it is."""
        known = self._acquainted(pairs)
        if known is not None:
            known.meet(pairs)

    def note(self, pairs: Sequence[int], script: Script, *, spam: bool) -> None:
        """Remember what a lesson of a collection held, before it is counted."""
        known = self._acquainted(pairs)
        if known is not None:
            known.note(pairs, script, spam=spam)

    def _acquainted(self, pairs: Sequence[int]) -> Familiar | None:
        if self.familiar is None and not self.good and not self.bad and pairs:
            self.familiar = Familiar()
        return self.familiar

    def pack(self) -> bytes:
        """Return the stored form."""
        pairs = b"" if self.familiar is None else self.familiar.pack()
        start = head(self.good, self.bad, self.counts, acquainted=bool(pairs))
        return start + pairs + zlib.compress(little(self.values).tobytes(), 1)

    @classmethod
    def unpack(cls, octets: bytes) -> "Weights":
        """Return what `pack` stored. Raises ValueError."""
        good, bad, counts, body = opened(octets)
        familiar, body = Familiar.unpack(body) if is_acquainted(octets) else (None, body)
        values = array("f")
        values.frombytes(inflated(body, 4 * SIZE))
        if len(values) != SIZE:
            raise ValueError("not as many weights as there are numbers")
        values = little(values)
        if counts is None:
            taught = sum(map(bool, values)) / SIZE
            counts = older.counts_of(good, bad, lambda token: bool(values[_numbers[token]]), taught)
        found = cls(values, good, bad, counts)
        found.familiar = familiar
        return found


class Own:
    """What one person taught."""

    __slots__ = ("_share", "bad", "counts", "good", "part")

    def __init__(
        self, part: dict[int, float] | None = None, good: int = 0, bad: int = 0, counts: Counts | None = None
    ) -> None:
        self.part = part if part is not None else {}
        self.good = good
        self.bad = bad
        self.counts = counts if counts is not None else Counts()
        self._share: float | None = None

    def z(self, features: Sequence[int]) -> float:
        """Return what this person taught says of a message."""
        part = self.part
        return math.fsum([part[number] for number in features if number in part]) * scale(features)

    @property
    def share(self) -> float:
        """Return the factor with which the part counts for others: it is then no longer than `REACH`."""
        if self._share is None:
            length = math.sqrt(math.fsum([value * value for value in self.part.values()]))
            self._share = 1.0 if length <= REACH else REACH / length
        return self._share

    def change(self, features: Sequence[int], step: float) -> None:
        """Add a step (with its sign) for a message. The smallest weights go where there would be too many."""
        part = self.part
        self._share = None
        for number in features:
            value = part.get(number, 0.0) + step
            if abs(value) < 1e-7:  # taken back
                part.pop(number, None)
            else:
                part[number] = value
        if len(part) > MAX_OWN:
            kept = sorted(part.items(), key=lambda one: -abs(one[1]))
            self.part = dict(islice(kept, MAX_OWN * 3 // 4))

    def pack(self) -> bytes:
        """Return the stored form."""
        order = sorted(self.part)
        values = little(array("d", [self.part[number] for number in order]))
        body = little(array("I", order)).tobytes() + values.tobytes()
        return head(self.good, self.bad, self.counts) + len(order).to_bytes(4, "big") + zlib.compress(body, 1)

    @classmethod
    def unpack(cls, octets: bytes) -> "Own":
        """Return what `pack` stored. Raises ValueError."""
        good, bad, counts, packed = opened(octets)
        if len(packed) < 4:
            raise ValueError("a part that was cut")
        count = min(int.from_bytes(packed[:4], "big"), MAX_OWN)
        body = inflated(packed[4:], 12 * count)
        if len(body) != 12 * count:
            raise ValueError("a part that was cut")
        order, values = array("I"), array("d")
        order.frombytes(body[: 4 * count])
        values.frombytes(body[4 * count :])
        part = dict(zip(little(order), little(values), strict=True))
        if any(number >= SIZE for number in part):
            raise ValueError("a number that there is not")
        if counts is None:
            counts = older.counts_of(good, bad, lambda token: _numbers[token] in part, len(part) / SIZE)
        return cls(part, good, bad, counts)


def _step(z: float, *, spam: bool) -> float:
    """Return by how much z shall move so that a message is judged rightly by the margin."""
    start, sign = z, 1.0 if spam else -1.0
    for _ in range(STEPS):
        if z * sign >= MARGIN:
            break
        z += RATE * ((1.0 if spam else 0.0) - odds_of(z))
    return z - start


class Student:
    """One person who is taught: their part is taken out of the organisation's weights until `end`, so that many lessons
    cost what one does.
    """

    def __init__(self, company: Weights, own: Own) -> None:
        self._company = company
        self._own = own
        company.add(own.part, -own.share)

    def learn(
        self, features: Sequence[int], script: Script, *, spam: bool, start: float = 0.0, pairs: Sequence[int] = ()
    ) -> float:
        """Learn a message; return the step for `forget`. `start`: what others say of it. `pairs`: what it holds (familiar.py)."""
        self._company.meet(pairs)
        z = start + self._company.z(features) + self._own.z(features)
        step = _step(z, spam=spam) * scale(features)
        if step:
            self._own.change(features, step)
        self._count(script, spam=spam, by=1)
        return step

    def forget(self, features: Sequence[int], step: float, script: Script, *, spam: bool) -> None:
        """Take a lesson back."""
        if step:
            self._own.change(features, -step)
        self._count(script, spam=spam, by=-1)

    def end(self) -> None:
        """Put the person's part back, at most `REACH` long."""
        self._company.add(self._own.part, self._own.share)

    def _count(self, script: Script, *, spam: bool, by: int) -> None:
        for one in (self._company, self._own):
            _count(one, spam=spam, by=by)
            one.counts.add(script, by, spam=spam)


def lesson(company: Weights, own: Own, features: Sequence[int], *, spam: bool, script: Script = "latin") -> float:
    """Teach one message as one person; return the step for `forget`. Changes both."""
    student = Student(company, own)
    step = student.learn(features, script, spam=spam)
    student.end()
    return step


def forget(
    company: Weights, own: Own, features: Sequence[int], step: float, *, spam: bool, script: Script = "latin"
) -> None:
    """Take a lesson back."""
    student = Student(company, own)
    student.forget(features, step, script, spam=spam)
    student.end()


def _count(one: Weights | Own, *, spam: bool, by: int) -> None:
    if spam:
        one.bad = max(0, one.bad + by)
    else:
        one.good = max(0, one.good + by)


def train(
    company: Weights,
    lessons: Sequence[tuple[Sequence[int], bool]],
    epochs: int = EPOCHS,
    starts: Sequence[float] = (),
    scripts: Sequence[Script] = (),
    pairs: Iterable[Sequence[int]] = (),
) -> Iterator[int]:
    """Teach many messages at once, as an administrator does with a collection; give the number of each pass done.
    `starts`: what others than this model say of each; `scripts`: the script of each, to be counted; `pairs`: of each.

    The order of messages leaves traces in what is learned, so it is learned in `ORDERS` orders apart and the mean is
    taken. The orders are the same each time this is run.
    """
    mean = array("d", bytes(8 * SIZE))
    for order in range(ORDERS):
        values = array("f", company.values)
        for epoch in range(epochs):
            turn = order * epochs + epoch
            for index in _order(range(len(lessons)), turn):
                features, spam = lessons[index]
                _teach_once(values, features, starts[index] if starts else 0.0, spam=spam)
            yield turn
        mean = array("d", map(float.__add__, mean, values))
    company.values = array("f", [one / ORDERS for one in mean])
    held = list(pairs)
    for index in _order(range(len(held)), 0):  # mixed: each shows how such mail looks to what the others left
        company.note(held[index], scripts[index] if scripts else "latin", spam=lessons[index][1])
    company.bad += sum(spam for _features, spam in lessons)
    company.good += sum(not spam for _features, spam in lessons)
    for (_features, spam), script in zip(lessons, scripts, strict=False):
        company.counts.add(script, 1, spam=spam)


def _order(indices: Iterable[int], turn: int) -> list[int]:
    """Return lessons in an order by chance, the same each time this is run."""
    return sorted(indices, key=lambda one: zlib.crc32(b"%d.%d" % (turn, one)))


def _teach_once(values: "array[float]", features: Sequence[int], start: float, *, spam: bool) -> None:
    length = scale(features)
    z = start + sum(map(values.__getitem__, features)) * length
    if (z if spam else -z) < MARGIN:
        step = RATE * ((1.0 if spam else 0.0) - odds_of(z)) * length
        for number in features:
            values[number] += step
