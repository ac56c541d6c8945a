"""What several models together say of a message: the shipped start, an organisation's, and a person's.

NAME        judging
PURPOSE     `z_of`: the sum of what the models say, each heard in a script only as far as it knows it.
STRATEGIES  Words count by script, times the trust that the model's lessons earn it there (counts.py). Header, addresses
            and shape count with the trust of the message's own script, and together no more than `SHAPE_MOST`: how a mail
            is packed never decides alone. An organisation's model that saw fewer than `ENOUGH` good and as many bad
            messages of the script stays under the line of Junk by itself, and so does the start, with room for what little
            else a first letter shows. The start speaks by words alone, between `START_LEAST` and `START_MOST`, so that
            lessons of one's own outweigh it. Beside evidence of another kind it may say up to `START_SURE`, which
            decides, of a letter of at least `START_SAID` words: where a stranger hides, or where it is as sure as
            `START_CLEAR` in addition to what an unknown sender proves or shows. An organisation's model is heard as far
            as it has met such mail, and leans to the side whose lessons held its pairs (familiar.py); the start's good word
            weighs the more the less it is heard: lessons of one trade must not decide about the letters of another.
            Beside other evidence of a stranger who hides it is heard whole.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from smartmail.formats.spam.counts import ENOUGH, Counts, Script
from smartmail.formats.spam.model import Own, Weights, numbers, scale
from smartmail.formats.spam.scripts import Reading, group_of, is_word, read

JUNK_Z: Final = 2.5
"""From here on about one good message in a thousand was misjudged (docs/adr/0019)."""
UNDER_JUNK: Final = 2.25
SHAPE_MOST: Final = 1.5
START_LEAST, START_MOST = -1.0, 1.6
START_FREE: Final = 4.0
"""So much less the start may say of mail that the organisation's model does not know: it knows offices in general."""
START_SURE: Final = 3.3
START_CLEAR: Final = {"unproved": 3.5, "hints": 3.5, "proved": 4.5}
"""From where on the start may decide of a stranger who proves nothing; who proves a domain of their own, and shows a trick or calls to
an act. Proof says who wrote, not what for, so it needs surer words and no others.
"""
IMPERSONAL_CLEAR: Final = START_CLEAR | {"unproved": 2.0, "proved": 2.0}
"""The same of a letter that could go to anybody: such an honest letter that proves nothing was never above 0.7 in the sets."""
START_SAID: Final = 28
"""Words, their pieces and characters in twos from which on a letter says enough to be judged by them: two short lines."""
START_FEW: Final = 20
"""Words that a message is taken to have beside its own: the start says little of a message that says little."""


@dataclass(frozen=True, slots=True)
class Judges:
    """Models that judge together. `company` None: too little was taught for it to count."""

    start: Weights | None
    company: Weights | None
    own: Own | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """What evidence of another kind than words there is. `most`: as much as the start may say beside it, `clear`: if it is at
    least so sure, `unsure` otherwise. `hides`: whether a stranger was seen to hide.
    """

    most: float = START_MOST
    clear: float = 0.0
    hides: bool = False
    unsure: float = START_MOST


NOTHING: Final = Beside()


def z_of(judges: Judges, reading: Reading, beside: Beside = NOTHING) -> float:
    """Return how a message stands; positive speaks for spam. Where enough was taught of the script the start is only a help."""
    start, company, own = judges.start, judges.company, judges.own
    if company is None:
        return start_z(start, reading, beside)
    heard = _hearing(company, reading, hides=beside.hides)
    most = Beside(min(beside.most, beside.unsure)) if company.counts.least(reading.script) >= ENOUGH else beside
    said = start_z(start, reading, most, START_LEAST - START_FREE * (1 - heard))
    text, shape = _parts(company.values.__getitem__, company.counts, reading)
    text += company.counts.trust(reading.script) * _leaning(company, reading, hides=beside.hides)
    if company.counts.least(reading.script) < ENOUGH:
        text = min(text, UNDER_JUNK - max(-UNDER_JUNK, min(SHAPE_MOST, shape)))
    text, shape = heard * text, heard * shape
    if own is not None:
        part, factor = own.part, 1 - own.share
        more = _parts(lambda number: part.get(number, 0.0), own.counts, reading)
        text, shape = text + factor * more[0], shape + factor * more[1]
    return said + text + max(-SHAPE_MOST, min(SHAPE_MOST, shape))


def _hearing(company: Weights, reading: Reading, *, hides: bool) -> float:
    """Return how far an organisation's model is heard, 0 to 1: of mail of a kind that it never met only beside other evidence."""
    return 1.0 if hides or company.familiar is None else company.familiar.hearing(reading.pairs, reading.script)


def _leaning(company: Weights, reading: Reading, *, hides: bool) -> float:
    """Return what the sides of its lessons add; nothing in favour of a sender who hides."""
    said = 0.0 if company.familiar is None else company.familiar.leaning(reading.pairs, reading.script)
    return max(0.0, said) if hides else said


def start_z(start: Weights | None, reading: Reading, beside: Beside = NOTHING, least: float = START_LEAST) -> float:
    """Return what the start says, bounded; 0 without one."""
    if start is None:
        return 0.0
    said = sum(
        start.counts.trust(script) * sum(map(start.values.__getitem__, some)) for script, some in reading.words.items()
    )
    said, most = said * _start_scale(reading), beside.most
    if _length(reading) < START_SAID or said < beside.clear:
        most = min(most, beside.unsure)
    return max(least, min(most, said))


def _start_scale(reading: Reading) -> float:
    return 1 / math.sqrt(_length(reading) + START_FEW)


def _length(reading: Reading) -> int:
    return sum(map(len, reading.words.values()))


def _parts(weight: Callable[[int], float], counts: Counts, reading: Reading) -> tuple[float, float]:
    """Return what a model says by words, and by header and shape."""
    length = scale(reading.numbers)
    text = sum(counts.trust(script) * sum(map(weight, some)) for script, some in reading.text.items())
    return text * length, counts.trust(reading.script) * sum(map(weight, reading.shape)) * length


def telling(judges: Judges, tokens: Iterable[str], most: int) -> list[tuple[str, float]]:
    """Return the tokens that said most, with what each said, the loudest first."""
    distinct = list(dict.fromkeys(tokens))
    reading = read(distinct)
    said = [(token, _said(judges, reading, token)) for token in distinct]
    return sorted(said, key=lambda one: -abs(one[1]))[:most]


def _said(judges: Judges, reading: Reading, token: str) -> float:
    start, company, own = judges.start, judges.company, judges.own
    group, number = group_of(token), numbers((token,))[0]
    script: Script = reading.script if group == "shape" else reading.han if group == "han" else group
    length, said = scale(reading.numbers), 0.0
    if start is not None and group != "shape" and is_word(token):
        said = start.counts.trust(script) * start.values[number] * _start_scale(reading)
    if company is not None:
        said += company.counts.trust(script) * company.values[number] * length
    if company is not None and own is not None:
        said += (1 - own.share) * own.counts.trust(script) * own.part.get(number, 0.0) * length
    return said
