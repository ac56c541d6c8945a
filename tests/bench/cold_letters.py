"""What rules and the shipped model put into Junk together, without a server: the quick form of cold_filter.py.

    .venv/bin/python -m tests.bench.cold_letters

Each letter comes from a stranger whose mail proves nothing (SPF, DKIM and DMARC have no record). Sets: those of cold_filter.py, the
letters that rules were made by, and made mail of tests/bench/made_mail.py. Held and refused count as caught; no network.
"""

import asyncio
from collections.abc import Iterator
from typing import Final

from tests.bench import second_letters, unseen_letters
from tests.bench.cold_filter import with_id
from tests.bench.held_out import letters
from tests.bench.made_mail import made
from tests.unit.service_filtering import intent_letters
from tests.unit.service_filtering.specimens import specimen
from tests.unit.service_filtering.test_intents import NONE, octets_of
from tests.unit.service_filtering.test_rules import Bench

from smartmail.app.wiring.protection import shipped_start
from smartmail.domain.inspection import AuthResult
from smartmail.formats.spam.judging import Judges
from smartmail.service.protection.filtering.content import ContentInspector
from smartmail.service.protection.filtering.verdict import Thresholds, score_of

MADE: Final = 1_000
Set = list[bytes]


class Shipped:
    """Models of a new installation."""

    def __init__(self) -> None:
        self._judges = Judges(shipped_start(), None)

    async def judges(self, _organization: object, _account: object) -> Judges:
        """Return the start alone."""
        return self._judges


def sets() -> Iterator[tuple[str, Set]]:
    """Give all sets by name."""
    for name, module in (("made by", intent_letters), ("unseen", unseen_letters), ("second", second_letters)):
        for kind in ("PHISHING", "KOREAN_SPAM", "BUSINESS"):
            yield f"{name}, {kind.lower()}", [octets_of(one) for one in getattr(module, kind)]
    for language in ("ko", "en", "zh"):
        for side, spam in (("bad", True), ("good", False)):
            some = [one.octets for one in letters() if (one.language, one.spam) == (language, spam)]
            yield f"held out, {language}, {side}", some
    for language in ("ko", "ja"):
        mails = list(made(language, MADE, seed=5))
        for side, spam in (("bad", True), ("good", False)):
            yield f"made, {language}, {side}", [one.octets for one in mails if one.spam == spam]


async def junked(bench: Bench, content: ContentInspector, octets: bytes, number: int) -> bool:
    """Say whether a letter goes to Junk or further away."""
    one = specimen(with_id(octets, number), sender=f"a{number}@outside{number}.test")
    one.findings.authentication = [AuthResult(*pair) for pair in NONE]
    await bench.inspector.examine(one)
    await content.examine(one)
    return score_of(one.findings.reasons) >= Thresholds().junk


async def main() -> None:
    """Print a row for each set."""
    content = ContentInspector(Shipped())  # type: ignore[arg-type]
    print("| set | letters | in Junk | share |\n|---|---|---|---|")
    for name, some in sets():
        bench = Bench()
        found = sum([await junked(bench, content, octets, number) for number, octets in enumerate(some)])
        print(f"| {name} | {len(some)} | {found} | {100 * found / len(some):.1f} % |", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
