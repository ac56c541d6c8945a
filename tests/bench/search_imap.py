"""Korean SEARCH TEXT over 10,000 messages by IMAP: SmartMail beside Dovecot without and with its index, in one run.

Dovecot's flatcurve index finds pieces inside words with `substring_search`, as here. What each one found is compared
with the corpus; how much its index takes, and whether a word of the mail can be read on the disk, is told too.
"""

import asyncio
import contextlib
import os
import random
import shutil
import sys
import time
from base64 import encodebytes
from pathlib import Path
from typing import NamedTuple

from tests.bench import search_corpus, servers
from tests.bench.load_clients import Reader
from tests.bench.process_tree import cpu_seconds
from tests.bench.search_speed import figures
from tests.bench.servers import BIG, PASSWORD, Server

MESSAGES = 10_000
QUERIES = 40
_STEP = 100
_PATIENCE_S = 900.0
FLATCURVE = """
mail_plugins {
  fts = yes
  fts_flatcurve = yes
}
fts_autoindex = yes
fts_search_add_missing = yes
language_filters = normalizer-icu
language_tokenizers = generic
language en {
  default = yes
  filters = lowercase
}
fts flatcurve {
  substring_search = yes
}
"""


class Needle(NamedTuple):
    text: str
    expected: int


def run(folder: Path) -> None:
    """Measure and print."""
    print(f"SEARCH TEXT by IMAP over {MESSAGES:,} messages:")
    letters = [letter(number) for number in range(1, MESSAGES + 1)]
    needles = {length: _needles(length, letters) for length in (1, 2, 3)}
    octets = sum(len(one) for one, _text in letters)
    # Dovecot's processes run as another user and must be able to enter.
    folder.chmod(0o755)
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(servers.smartmail(folder / "smartmail"))]
        if shutil.which("dovecot") and os.geteuid() == 0:
            running.append(stack.enter_context(servers.dovecot(folder / "dovecot")))
            try:
                running.append(stack.enter_context(servers.dovecot(folder / "flatcurve", further=FLATCURVE)))
            except RuntimeError as error:
                print(f"Dovecot's index is not measured: {error}", file=sys.stderr)
        else:
            print("Dovecot is not measured: not installed, or this is not root", file=sys.stderr)
        names = ["SmartMail", "Dovecot, no index", "Dovecot, flatcurve with substrings"]
        for name, server in zip(names, running, strict=False):
            asyncio.run(_measure(name, server, letters, needles, octets, Path(server.log).parent))


def letter(number: int) -> tuple[bytes, str]:
    """Return a message, and its subject and body: what its needles come from."""
    document = search_corpus.message(number)
    subject, body = document.subject, document.body
    words = "=?utf-8?B?" + encodebytes(subject[:14].encode()).decode().replace("\n", "") + "?="
    head = (
        f"From: person{number % 3000}@example.com\r\nTo: staff@example.org\r\nSubject: {words}\r\n"
        f"Message-ID: <{number}@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\n"
    )
    lines = [body[at : at + 80] for at in range(0, len(body), 80)]
    text = "\r\n".join(line.replace("\n", " ") for line in lines) + "\r\n"
    return head.encode() + text.encode(), f"{subject[:14]}\x00{text}"


def _needles(length: int, letters: list[tuple[bytes, str]]) -> list[Needle]:
    """Return Korean syllables from the middle of words, with the number of messages that hold them."""
    chance = random.Random(length)
    found: list[Needle] = [Needle("회의"[:length], 0)] if length < 3 else []
    while len(found) < QUERIES:
        text = letters[chance.randrange(len(letters))][1]
        at = chance.randrange(max(1, len(text) - length))
        piece = text[at : at + length]
        if len(piece) == length and all("가" <= char <= "힣" for char in piece):
            found.append(Needle(piece, 0))
    return [Needle(one.text, sum(one.text in text for _octets, text in letters)) for one in found]


async def _measure(
    name: str,
    server: Server,
    letters: list[tuple[bytes, str]],
    needles: dict[int, list[Needle]],
    octets: int,
    folder: Path,
) -> None:
    reader = await Reader.open(server.imap_port, BIG, PASSWORD)
    await reader.ask('CREATE "Big"')
    for start in range(0, len(letters), _STEP):
        await reader.ask_all([('APPEND "Big" {}', one) for one, _text in letters[start : start + _STEP]])
    await reader.ask('SELECT "Big"')
    filled = time.perf_counter()
    newest = letters[-1][1].partition("\x00")[2][:40].strip()
    while len(await _search(reader, newest)) < 1 or not await _settled(reader, needles[2][0]):
        if time.perf_counter() - filled > _PATIENCE_S:
            print(f"  {name}: does not find what it holds")
            break
        await asyncio.sleep(0.2)
    print(f"  {name}: all found {time.perf_counter() - filled:,.1f} s after the last APPEND")
    for length, asked in needles.items():
        taken, missed, more = [], 0, 0
        cpu = cpu_seconds(server.roots)
        for one in asked if "no index" not in name else asked[:4]:
            got = len(await _search(reader, one.text))
            taken.append(reader.seconds * 1e3)
            missed, more = missed + max(0, one.expected - got), more + max(0, got - one.expected)
        cpu = (cpu_seconds(server.roots) - cpu) / len(taken) * 1e3
        print(
            f"  {name}: {length} syllable(s): {figures(taken)}, CPU {cpu:.1f} ms each; missed {missed}, too many {more}"
        )
    reader.close()
    _tell_disk(name, folder, octets)


async def _search(reader: Reader, text: str) -> list[bytes]:
    answer = await reader.ask("UID SEARCH CHARSET UTF-8 TEXT {}", text.encode())
    line = next((line for line in answer.split(b"\r\n") if line.startswith(b"* SEARCH")), b"")
    return line.split()[2:]


async def _settled(reader: Reader, needle: Needle) -> bool:
    return len(await _search(reader, needle.text)) >= needle.expected * 0.5


def _tell_disk(name: str, folder: Path, octets: int) -> None:
    index = sum(one.stat().st_size for one in folder.rglob("*") if one.is_file() and "fts" in str(one).lower())
    seen = sum(_shows(one, "견적".encode()) for one in folder.rglob("*") if one.is_file() and one.name != "log")
    size = f"index {index / octets:.0%} of the mail; " if index else ""
    print(f"  {name}: {size}a word of the mail is readable in {seen:,} files")


def _shows(file: Path, word: bytes) -> bool:
    with contextlib.suppress(OSError):
        return word in file.read_bytes()
    return False
