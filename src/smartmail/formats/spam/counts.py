"""Lessons by script: how much of a model was learned from mail in Korean, Japanese, Chinese or Latin letters.

A model of linear weights answers for any message, also for one in a language that it never read; what it says there comes
from how mail is packed and from chance. So each model knows how many lessons it had of each script, and counts in a
message only as far as it knows the script. Must not know weights.
"""

import struct
from collections.abc import Iterable
from typing import Final, Literal

Script = Literal["latin", "hangul", "kana", "han", "other"]
SCRIPTS: Final[tuple[Script, ...]] = ("latin", "hangul", "kana", "han", "other")
"""`kana`: Japanese, its Chinese characters included; `han`: Chinese. The order is that of the stored form."""
ENOUGH: Final = 200
"""Lessons of each sort, good and spam, of a script from which on a model may put such mail into Junk by itself."""
PART: Final = 0.05
"""Share of a model's lessons from which on a script counts whole; below it in proportion."""
_STORED: Final = struct.Struct(f">{2 * len(SCRIPTS)}I")
PACKED_SIZE: Final = _STORED.size
_MAX: Final = (1 << 32) - 1


class Counts:
    """Script → lessons (good, spam)."""

    __slots__ = ("bad", "good")

    def __init__(self) -> None:
        self.good: dict[Script, int] = dict.fromkeys(SCRIPTS, 0)
        self.bad: dict[Script, int] = dict.fromkeys(SCRIPTS, 0)

    def add(self, script: Script, by: int, *, spam: bool) -> None:
        """Count lessons of a script, or take them away; never below nothing."""
        side = self.bad if spam else self.good
        side[script] = max(0, min(_MAX, side[script] + by))

    def lessons(self, script: Script) -> int:
        """Return all lessons of a script."""
        return self.good[script] + self.bad[script]

    def least(self, script: Script) -> int:
        """Return the lessons of the rarer sort of a script."""
        return min(self.good[script], self.bad[script])

    def trust(self, script: Script) -> float:
        """Return how far a model counts for a script, 0 to 1: by the share of its lessons that were written in it.

        Whole from `ENOUGH` of each sort on, whatever else was learned since: nobody can teach a script away.
        """
        if self.least(script) >= ENOUGH:
            return 1.0
        total = sum(map(self.lessons, SCRIPTS))
        return min(1.0, self.lessons(script) / (PART * total)) if total else 0.0

    def short_of(self, scripts: Iterable[Script] = SCRIPTS[:-1]) -> list[Script]:
        """Return the scripts of which there are too few lessons for a verdict by the model alone."""
        return [one for one in scripts if self.least(one) < ENOUGH]

    def pack(self) -> bytes:
        """Return the stored form, `PACKED_SIZE` bytes."""
        return _STORED.pack(*(side[one] for side in (self.good, self.bad) for one in SCRIPTS))

    @classmethod
    def unpack(cls, octets: bytes) -> "Counts":
        """Return what `pack` stored. Raises ValueError."""
        if len(octets) < PACKED_SIZE:
            raise ValueError("counts that were cut")
        values = _STORED.unpack_from(octets)
        found = cls()
        found.good = dict(zip(SCRIPTS, values[: len(SCRIPTS)], strict=True))
        found.bad = dict(zip(SCRIPTS, values[len(SCRIPTS) :], strict=True))
        return found
