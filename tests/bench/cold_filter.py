"""What an installation that has learned nothing puts into Junk: rules, shipped model and all else together, by SMTP.

    .venv/bin/python -m tests.bench.cold_filter [--office FOLDER-OF-smtp_load.py]

A whole server in this process takes each letter from a stranger whose domain proves nothing. Sets: the held-out letters of the
model (tests/bench/held_out, which no rule was made by), the unseen letters of the rules (tests/bench/unseen_letters, which the
model has not seen; one rule was changed after them), the second letters (second_letters, written when both were set down), and office mail of a load generator if it is at hand.
"""

import argparse
import asyncio
import imaplib
import importlib
import re
import smtplib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench import second_letters, unseen_letters
from tests.bench.held_out import letters
from tests.flows.house import PASSWORD, open_house
from tests.unit.service_filtering.test_intents import octets_of

OFFICE_MAILS = 1_500
LOGIN = "kim@office.test"
Set = list[bytes]


def sets(office: Path | None) -> Iterator[tuple[str, Set]]:
    """Give all sets by name."""
    for language in ("ko", "en", "zh"):
        for side, spam in (("bad", True), ("good", False)):
            yield (
                f"held out, {language}, {side}",
                [one.octets for one in letters() if (one.language, one.spam) == (language, spam)],
            )
    for called, module in (("unseen", unseen_letters), ("second", second_letters)):
        for name in ("PHISHING", "KOREAN_SPAM", "BUSINESS"):
            yield f"{called}, {name.lower()}", [octets_of(one) for one in getattr(module, name)]
    if office is not None:
        sys.path.insert(0, str(office))
        load = importlib.import_module("benchlib").Corpus("office", 1)
        yield "office", [load.message(number)[0] for number in range(OFFICE_MAILS)]


def with_id(octets: bytes, number: int) -> bytes:
    """Return a letter with a Message-ID of its own: twice the same would be one delivery, and one without is judged by that."""
    head, blank, body = octets.replace(b"\r\n", b"\n").partition(b"\n\n")
    head = re.sub(rb"^message-id:[^\n]*\n", b"", head, flags=re.IGNORECASE | re.MULTILINE)
    return (b"Message-ID: <%d@outside%d.test>\n" % (number, number) + head + blank + body).replace(b"\n", b"\r\n")


def _refused(port: int, number: int, octets: bytes) -> bool:
    """Send a letter; say whether it was refused as spam."""
    octets = with_id(octets, number)
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        try:
            client.sendmail(f"a{number}@outside{number}.test", [LOGIN], octets)
        except smtplib.SMTPDataError as error:
            if error.smtp_code != 550:
                raise
            return True
    return False


def _counted(port: int) -> tuple[int, int]:
    with imaplib.IMAP4("127.0.0.1", port, timeout=60) as client:
        client.login(LOGIN, PASSWORD)
        return int(client.select("INBOX")[1][0] or 0), int(client.select("Junk")[1][0] or 0)


async def main(office: Path | None) -> None:
    """Print a row for each set."""
    print("| set | letters | in Junk | held | refused | together |\n|---|---|---|---|---|---|")
    for name, some in sets(office):
        # A house for each set: what is written often becomes known.
        with tempfile.TemporaryDirectory(prefix="smartmail-cold-") as folder:
            async with open_house(Path(folder), domains=("office.test",)) as house:
                account = await house.person(LOGIN)
                refused = 0
                for number, octets in enumerate(some):
                    refused += await asyncio.to_thread(_refused, house.ports["smtp"], number, octets)
                kept, junk = await asyncio.to_thread(_counted, house.ports["imap"])
                held = len(await house.services.quarantine.own_rows(account.id))
                assert kept + junk + held + refused == len(some), (kept, junk, held, refused)
        share = 100 * (junk + held + refused) / len(some)
        print(f"| {name} | {len(some)} | {junk} | {held} | {refused} | {share:.1f} % |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--office", type=Path, help="folder with benchlib.py of the load generator")
    asyncio.run(main(parser.parse_args().office))
