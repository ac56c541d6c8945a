"""Where the bars, lines and parts of a chart stand: an axis of values with round steps, names under it, what each colour means above.

Numbers only: no word is measured by a font; a letter of the East counts as wide as it is high, others as half of that.
"""

from dataclasses import dataclass, field
from math import cos, floor, log10, pi, sin
from typing import Final, Literal

from smartmail.formats.layout.model import Drawing, Figure, Label

COLOURS: Final = ("4472c4", "ed7d31", "a5a5a5", "ffc000", "5b9bd5", "70ad47", "264478", "9e480e", "636363", "997300")
LETTER: Final = 10.0
"""Points of all words of a drawing."""
_INK: Final = "8a9099"
_PALE: Final = "dfe2e6"
_GAP: Final = 8.0
_LINE: Final = 14.0
_STEPS: Final = 5
_ARC: Final = pi / 60
_SMALL: Final = 1e-9


@dataclass(slots=True)
class Series:
    """Values by the place of their names; `shown`: as words; `colours`: of single points."""

    kind: str
    title: str
    color: str
    values: dict[int, float]
    shown: dict[int, str]
    colours: dict[int, str] = field(default_factory=dict)

    def colour_of(self, at: int) -> str:
        """Return the colour of a part of a whole."""
        return self.colours.get(at) or COLOURS[at % len(COLOURS)]


@dataclass(slots=True)
class Chart:
    """What is drawn. `across`: bars lie. `shares`: bars that are stacked to the whole."""

    title: str
    series: list[Series] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    across: bool = False
    stacked: bool = False
    shares: bool = False


def drawn(chart: Chart, width: int, height: int, *, titled: bool = False) -> Drawing:
    """Return the drawing of a chart with at least one value and one name; `titled`: with its title in it."""
    paper = _Paper(width, height)
    if titled and chart.title:
        paper.label(width / 2, LETTER, chart.title, "middle", width - 2 * _GAP)
        paper.top += _LINE + _GAP / 2
    if all(series.kind == "part" for series in chart.series):
        _parts(paper, chart.series[0], chart.categories)
    else:
        _Axes(paper, chart).draw()
    return Drawing(width, height, figures=tuple(paper.figures), labels=tuple(paper.labels))


class _Paper:
    def __init__(self, width: int, height: int) -> None:
        self.width, self.height, self.top = float(width), float(height), _GAP
        self.figures: list[Figure] = []
        self.labels: list[Label] = []

    def figure(self, points: list[tuple[float, float]], color: str, *, filled: bool = False) -> None:
        """Add a figure through points."""
        self.figures.append(Figure(tuple(round(each, 1) for point in points for each in point), color, filled))

    def bar(self, x: float, y: float, right: float, bottom: float, color: str) -> None:
        """Add a rectangle."""
        self.figure([(x, y), (right, y), (right, bottom), (x, bottom)], color, filled=True)

    def label(self, x: float, y: float, text: str, anchor: Literal["", "middle", "end"], room: float) -> None:
        """Add words, cut to their room."""
        if text := _cut(text, room):
            self.labels.append(Label(round(x, 1), round(y, 1), text, anchor))

    def legend(self, entries: list[tuple[str, str]]) -> None:
        """Say what colours mean, in rows at the top."""
        x = _GAP
        for text, color in entries:
            text = _cut(text, self.width / 2)
            wide = _LINE + _long(text) + _GAP
            if x + wide > self.width and x > _GAP:
                x, self.top = _GAP, self.top + _LINE
            if self.top > self.height / 3:
                break
            self.bar(x, self.top, x + 9, self.top + 9, color)
            self.label(x + _LINE, self.top + 9, text, "", wide)
            x += wide
        self.top += _LINE + _GAP / 2


class _Axes:
    """Bars and lines over an axis of names and one of values."""

    def __init__(self, paper: _Paper, chart: Chart) -> None:
        self._paper, self._chart = paper, chart
        self._bars = [each for each in chart.series if each.kind == "bar"]
        self._lines = [each for each in chart.series if each.kind != "bar"]
        self._count = len(chart.categories)
        self._low, self._high, self._step = _scale(*self._reach())

    def _reach(self) -> tuple[float, float]:
        """Return the least and the greatest value that is drawn."""
        values = [value for each in self._lines for value in each.values.values()]
        least = min(values, default=0.0)
        if self._bars or (least >= 0 and least < max(values, default=0.0) * 5 / 6):
            values.append(0.0)
        for at in range(self._count if self._bars else 0):
            heights = [each.values.get(at, 0.0) for each in self._bars]
            if self._chart.shares:
                heights = _shares(heights)
            if self._chart.stacked:
                values += [sum(each for each in heights if each > 0), sum(each for each in heights if each < 0)]
            else:
                values += heights
        return min(values, default=0.0), max(values, default=1.0)

    def draw(self) -> None:
        """Draw it."""
        paper, chart = self._paper, self._chart
        named = [(each.title, each.color) for each in chart.series if each.title]
        if len(named) > 1 or (named and not chart.title):
            paper.legend(named)
        steps = [self._low + self._step * at for at in range(round((self._high - self._low) / self._step) + 1)]
        words = [_short(value, shares=chart.shares) for value in steps]
        names = max((_long(name) for name in chart.categories), default=0.0)
        side = min(names if chart.across else max(map(_long, words)), paper.width / 3) + _GAP
        self._left, self._right = side + _GAP, paper.width - _GAP * 2
        self._upper, self._lower = paper.top + _GAP / 2, paper.height - _LINE - _GAP
        for value, text in zip(steps, words, strict=True):
            self._rule(value, text)
        self._names()
        for at in range(self._count):
            self._stand(at)
        for each in self._lines:
            points = [self._place(at + 0.5, value) for at, value in sorted(each.values.items())]
            if len(points) > 1:
                paper.figure(points, each.color)
            for x, y in points:
                paper.bar(x - 2, y - 2, x + 2, y + 2, each.color)

    def _place(self, along: float, value: float) -> tuple[float, float]:
        """Return where a value stands; `along`: names from the first."""
        share, name = (value - self._low) / (self._high - self._low), along / self._count
        if self._chart.across:
            return self._left + share * (self._right - self._left), self._lower - name * (self._lower - self._upper)
        return self._left + name * (self._right - self._left), self._lower - share * (self._lower - self._upper)

    def _rule(self, value: float, text: str) -> None:
        paper, color = self._paper, _INK if abs(value) < _SMALL or value == self._low else _PALE
        start, end = self._place(0, value), self._place(self._count, value)
        paper.figure([start, end], color)
        if self._chart.across:
            paper.label(start[0], self._lower + _LINE, text, "middle", (self._right - self._left) / _STEPS)
        else:
            paper.label(start[0] - 4, start[1] + 3, text, "end", self._left)

    def _names(self) -> None:
        across = self._chart.across
        room = ((self._lower - self._upper) if across else (self._right - self._left)) / self._count
        longest = _LINE if across else min(max(map(_long, self._chart.categories)), 80.0) + 4
        # Where names would lie on each other, some are left out.
        every = max(1, -int(-longest // room)) if room < longest and (across or self._count > 8) else 1
        for at in range(0, self._count, every):
            x, y = self._place(at + 0.5, self._low)
            name = self._chart.categories[at]
            if across:
                self._paper.label(self._left - 4, y + 3, name, "end", self._left - _GAP)
            else:
                self._paper.label(x, self._lower + _LINE, name, "middle", room * every - 2)

    def _stand(self, at: int) -> None:
        """Draw the bars of a name."""
        heights = [each.values.get(at, 0.0) for each in self._bars]
        if self._chart.shares:
            heights = _shares(heights)
        wide = 0.7 / (1 if self._chart.stacked else max(1, len(self._bars)))
        up = down = 0.0
        for number, (each, height) in enumerate(zip(self._bars, heights, strict=True)):
            if at not in each.values:
                continue
            left = at + 0.15 + (0 if self._chart.stacked else number * wide)
            base = (up if height > 0 else down) if self._chart.stacked else 0.0
            up, down = (up + height, down) if height > 0 else (up, down + height)
            one, other = self._place(left, base), self._place(left + wide, base + height)
            color = each.colours.get(at) or each.color
            self._paper.bar(
                min(one[0], other[0]), min(one[1], other[1]), max(one[0], other[0]), max(one[1], other[1]), color
            )


def _parts(paper: _Paper, series: Series, names: list[str]) -> None:
    """Draw the parts of a whole from the top, as a clock goes."""
    values = {at: abs(value) for at, value in series.values.items()}
    total = sum(values.values())
    if total < _SMALL:
        return
    told = [(f"{names[at]} {values[at] / total:.0%}".strip(), series.colour_of(at)) for at in sorted(values)]
    paper.legend(told)
    radius = max(10.0, min(paper.width - 4 * _GAP, paper.height - paper.top - 2 * _GAP) / 2)
    x, y, angle = paper.width / 2, paper.top + radius + _GAP / 2, -pi / 2
    for at in sorted(values):
        end = angle + 2 * pi * values[at] / total
        count = max(2, int((end - angle) / _ARC) + 1)
        turns = [angle + (end - angle) * step / (count - 1) for step in range(count)]
        arc = [(x + radius * cos(turn), y + radius * sin(turn)) for turn in turns]
        paper.figure([(x, y), *arc], series.colour_of(at), filled=True)
        angle = end


def _shares(heights: list[float]) -> list[float]:
    total = sum(map(abs, heights))
    return [each / total if total > _SMALL else 0.0 for each in heights]


def _scale(low: float, high: float) -> tuple[float, float, float]:
    """Return (least, greatest, step) of an axis that holds both, in round numbers."""
    if high - low < _SMALL * max(1.0, abs(high)):
        high = low + max(1.0, abs(low))
    rough = (high - low) / _STEPS
    power = 10.0 ** floor(log10(rough))
    step = next(power * each for each in (1, 2, 2.5, 5, 10) if power * each >= rough * (1 - _SMALL))
    first, last = floor(low / step + _SMALL) * step, -floor(-high / step + _SMALL) * step
    return first, max(last, first + step), step


def _short(value: float, *, shares: bool) -> str:
    if shares:
        return f"{value:.0%}"
    if abs(value) < _SMALL:
        return "0"
    return f"{value:,.0f}" if value == round(value) else f"{value:,.6g}"


def _long(text: str) -> float:
    return sum(LETTER if ord(char) >= 0x1100 else LETTER * 0.56 for char in text)


def _cut(text: str, room: float) -> str:
    if _long(text) <= room:
        return text
    while text and _long(text) + LETTER > room:
        text = text[:-1]
    return f"{text}…" if text else ""
