"""What leak prevention costs a letter on its way out: the same submissions over SMTP with rules and without, in turns of one run.

    .venv/bin/python -m tests.bench.leak_sending [--turns 12] [--size 60000] [--text 15000] [--numbers]

A letter of `size` bytes: business mail of `text` bytes, the same as HTML, and a picture; each letter is another one. One line
in ten is an order, a parcel or a tax invoice, and it is signed with telephone and 사업자등록번호; with `--numbers` it is full of such
lines. The rules are those that the house offers (service.protection.leaks.ready), all turned on; parsing children read files as in
a server. Time from MAIL to the answer: of the clock, and of the processor, children not counted. Letters for which a rule matched
after all are told and left out.
"""

import argparse
import asyncio
import base64
import random
import smtplib
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from pathlib import Path

from tests.flows.house import PASSWORD, open_house
from tests.flows.test_big_attachments import CLI
from tests.flows.test_leaks import incidents
from tests.unit.formats_leaks import corpus

from smartmail.adapters.extraction.children import ParsingChildren
from smartmail.app.children import parsing_child
from smartmail.domain.policy import Scope
from smartmail.service.protection.leaks import ready_rules

EACH = 10
"""Letters of an account: one that sends more within a minute is stopped."""
WARM = 2
"""Letters of a turn that are not counted."""
PNG = b"\x89PNG\r\n\x1a\n"


def _ordinary(rng: random.Random) -> Iterator[str]:
    """Yield the lines of a thread of ordinary mails, without end."""
    while True:
        for _ in range(rng.randrange(6, 12)):
            yield rng.choice(corpus.SENTENCES)
        yield corpus.noise_line(rng)[0]
        person, phone = corpus.name(rng), corpus.grouped(corpus.mobile(rng), [3, 4, 4], "-")
        yield f"{person} 과장 | 한빛상사 영업2팀 | T. 02-555-{rng.randrange(1000, 9999)} | M. {phone} | sales{rng.randrange(99)}@a.example"
        yield "사업자등록번호 120-81-47521 | 서울특별시 강남구 테헤란로 12"
        yield ""


def _numbers(rng: random.Random) -> Iterator[str]:
    while True:
        yield from corpus.clean(rng.randrange(1 << 30)).text.splitlines()


def letter(number: int, size: int, words: int, *, numbers: bool = False) -> bytes:
    """Return one of about `size` bytes, with a text of `words` bytes."""
    rng = random.Random(number)
    lines, length = [], 0
    for line in _numbers(rng) if numbers else _ordinary(rng):
        lines.append(line)
        length += len(line.encode()) + 1
        if length > words:
            break
    text = "\n".join(lines) + "\n"
    page = "".join(f"<p>{escape(line)}</p>" for line in lines)
    picture = PNG + rng.randbytes(max(0, size * 3 // 4 - 2 * words))

    def part(head: str, octets: bytes) -> bytes:
        coded = base64.encodebytes(octets).replace(b"\n", b"\r\n")
        return f"--b\r\n{head}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode() + coded

    return (
        f"From: kim@a.example\r\nTo: x@b.example\r\nSubject: plans {number}\r\nMessage-ID: <{number}@a.example>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    ).encode() + b"".join((
        part("Content-Type: text/plain; charset=utf-8", text.encode()),
        part("Content-Type: text/html; charset=utf-8", page.encode()),
        part('Content-Type: image/png; name="a.png"\r\nContent-Disposition: attachment; filename="a.png"', picture),
        b"--b--\r\n",
    ))  # fmt: skip


def submit(port: int, login: str, octets: bytes) -> tuple[float, float]:
    """Return the seconds that a submission took, from MAIL to the answer: of the clock, of the processor."""
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.login(login, PASSWORD)
        before, worked = time.perf_counter(), time.process_time()
        client.sendmail(login, ["x@b.example"], octets)
        return time.perf_counter() - before, time.process_time() - worked


async def measure(turns: int, size: int, words: int, *, numbers: bool) -> None:
    """Measure and print."""
    children = ParsingChildren(parsing_child.command(), parsing_child.environment())
    taken: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
    sizes, matched = [], 0
    with tempfile.TemporaryDirectory() as folder:
        async with open_house(Path(folder)) as house:
            leaks = house.services.leaks
            rules = [replace(one, stage="on") for one in ready_rules(Scope("system"), "ko")]
            leaks.judge._reader._extractor = children
            await house.person("kim@a.example")
            for turn in range(2 * turns):
                with_rules = turn % 2 == 1
                made = await leaks.rules.new(CLI, *rules) if with_rules else []
                login = f"kim{turn}@a.example"
                await house.person(login)
                for number in range(EACH):
                    # Both kinds of turns send the same letters, of different people.
                    octets = letter(turn // 2 * EACH + number, size, words, numbers=numbers)
                    octets = octets.replace(b"kim@a", login.partition(".")[0].encode())
                    took = await asyncio.to_thread(submit, house.ports["submission"], login, octets)
                    found = len(await incidents(house))
                    if number >= WARM and found == matched:
                        taken[with_rules].append(took)
                        sizes.append(len(octets))
                    matched = found
                for one in made:
                    await leaks.rules.end(CLI, one.id)
    await children.close()
    print(f"{statistics.mean(sizes) / 1000:.0f} KB, {matched} letters matched a rule")
    for name, which in (("clock", 0), ("processor", 1)):
        medians = {}
        for with_rules, times in taken.items():
            some = sorted(one[which] for one in times)
            medians[with_rules] = statistics.median(some)
            print(
                f"{name} {'with rules' if with_rules else 'without'}: median {medians[with_rules] * 1000:.1f} ms,"
                f" p95 {some[int(len(some) * 0.95)] * 1000:.1f} ms"
            )
        print(f"{name}: a letter costs {medians[True] / medians[False] - 1:+.1%} with rules")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=12)
    parser.add_argument("--size", type=int, default=60_000)
    parser.add_argument("--text", type=int, default=15_000)
    parser.add_argument("--numbers", action="store_true")
    given = parser.parse_args()
    asyncio.run(measure(given.turns, given.size, given.text, numbers=given.numbers))


if __name__ == "__main__":
    main()
