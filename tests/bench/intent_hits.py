"""How many letters of no lesson the rules alone put into Junk: the set they were made by, and one that was written afterwards.

    .venv/bin/python -m tests.bench.intent_hits

Every sender is a stranger whose mail proves nothing (SPF, DKIM and DMARC have no record), nothing was learned, no network.
"""

import asyncio
from collections.abc import Sequence
from types import ModuleType

from tests.bench import unseen_letters
from tests.unit.service_filtering import intent_letters
from tests.unit.service_filtering.intent_letters import Written
from tests.unit.service_filtering.test_intents import judged

from smartmail.service.protection.filtering.verdict import Thresholds, score_of


async def junked(letters: Sequence[Written]) -> list[str]:
    """Return the subjects of those that go to Junk."""
    return [one.subject for one in letters if score_of((await judged(one, "none")).reasons) >= Thresholds().junk]


async def main(sets: Sequence[ModuleType]) -> None:
    """Print a line for each set, and which letters of business went wrong."""
    for one in sets:
        for kind in ("PHISHING", "KOREAN_SPAM", "BUSINESS"):
            letters = getattr(one, kind)
            found = await junked(letters)
            print(f"{one.__name__.rpartition('.')[2]} {kind.lower()}: {len(found)} of {len(letters)} in Junk")
            if kind == "BUSINESS":
                print("".join(f"    {subject}\n" for subject in found), end="")


if __name__ == "__main__":
    asyncio.run(main((intent_letters, unseen_letters)))
