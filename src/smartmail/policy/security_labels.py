"""Which security label a letter carries, and what follows for those it goes to: pure decisions over a company's table.

STRATEGIES  A letter carries the highest of: what its sender chose, what the letters that it answers or forwards carry, and, where a
            mail program marked it as sensitive, the lowest label that does not freely go outside. Without any of these the usual
            one. A choice below what it answers is told as such: it is not taken, unless its sender asks for it with a reason; then
            it is taken, and an approval decides whether the letter leaves.
            A label with a term counts as of another, or of none, when that is over: worked out whenever it is asked for, from when
            its letter came. The header of the letter stays as it was written, for it may be signed.
FAILURE     A label that the company no longer has counts as none.
Must not know: where labels are kept, messages, people.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from smartmail.domain.security_labels import Outside, SecurityLabel

DAY_MS: Final = 24 * 3_600 * 1_000


class AsOf(NamedTuple):
    """What a label counts as at a time, and until when; None: as none, for ever. Milliseconds."""

    label: SecurityLabel | None
    until: int | None = None


def as_of(labels: Sequence[SecurityLabel], label: str, since: int, now: int) -> AsOf:
    """Return what a label counts as that a letter has had since a time. Terms follow each other; ranks fall, so they end."""
    known = {one.id: one for one in labels}
    found, start = known.get(label), since
    while found is not None and found.term and now >= start + found.term * DAY_MS:
        start += found.term * DAY_MS
        found = known.get(found.then)
    return AsOf(found, start + found.term * DAY_MS if found is not None and found.term else None)


class Chosen(NamedTuple):
    """What a letter carries; None: the company has no label for it. `lowered`: its sender chose less than what it answers.
    `above`, `reason`: what it would carry had its sender not asked for less, and why they did.
    """

    label: SecurityLabel | None
    lowered: bool = False
    above: SecurityLabel | None = None
    reason: str = ""

    @property
    def id(self) -> str:
        """The id of the label, "" where there is none."""
        return "" if self.label is None else self.label.id

    @property
    def name(self) -> str:
        """Its name, "" where there is none."""
        return "" if self.label is None else self.label.name

    @property
    def line(self) -> str:
        """The approval line that decides about it: of the label that is to be lowered, else of its own."""
        label = self.above or self.label
        return "" if label is None else label.line

    @property
    def outside(self) -> Outside:
        """Whether it may go to other companies."""
        return "allow" if self.label is None else self.label.outside


def choose(
    labels: Sequence[SecurityLabel],
    asked: Iterable[str],
    inherited: Iterable[str],
    *,
    sensitive: bool = False,
    reason: str = "",
) -> Chosen:
    """Return what a letter carries. `asked`: what its sender chose; `inherited`: what the letters behind it carry; `reason`: why
    its sender asks for less than these, "" where they do not.
    """
    known = {one.id: one for one in labels}
    wished = [known[one] for one in asked if one in known]
    behind = [known[one] for one in inherited if one in known]
    if sensitive:
        guarded = sorted((one for one in labels if one.outside != "allow"), key=_rank)
        wished += guarded[:1]
    least = max(behind, key=_rank, default=None)
    wish = max(wished, key=_rank, default=None)
    if wish is None and least is None:
        return Chosen(next((one for one in labels if one.usual), None))
    if reason and wish is not None and least is not None and wish.rank < least.rank:
        return Chosen(wish, False, least, reason)
    label = max((one for one in (wish, least) if one is not None), key=_rank)
    return Chosen(label, wish is not None and wish.rank < label.rank)


def _rank(one: SecurityLabel) -> int:
    return one.rank
