"""Korean and Japanese mail of our own making, good and bad, to measure filters with: deterministic, from sentences below.

How it is made, and what it can and cannot show: docs/made-mail.md. Sentences with an even place in their list and those
with an odd one never meet in one message: a filter taught with `half=0` has seen no sentence of `half=1`.
"""

import base64
import itertools
import random
from email.header import Header
from typing import NamedTuple

from tests.bench.made_sentences import JAPANESE, KOREAN, Language


class Made(NamedTuple):
    """A message and what it is."""

    octets: bytes
    spam: bool
    kind: str


def made(language: str, count: int, half: int | None = None, seed: int = 1) -> list[Made]:
    """Return `count` messages, as many good as bad, kinds in turn; `half` None takes all sentences."""
    words = {"ko": KOREAN, "ja": JAPANESE}[language]
    chance = random.Random(f"{language} {half} {seed}")
    kinds = {spam: itertools.cycle(sorted(words.bad if spam else words.good)) for spam in (True, False)}
    out = []
    for number in range(count):
        spam = number % 2 == 0
        kind = next(kinds[spam])
        out.append(Made(_message(words, kind, number, half, chance, spam=spam), spam, kind))
    return out


def _message(words: Language, kind: str, number: int, half: int | None, chance: random.Random, *, spam: bool) -> bytes:
    pool = (words.bad if spam else words.good)[kind]
    part = slice(half, None, None if half is None else 2)
    subjects, sentences = pool[0][part], pool[1][part]
    slots = {name: chance.choice(values) for name, values in words.slots.items()}
    slots["n"] = str(chance.randrange(10, 9_900))
    slots["url"] = chance.choice(words.bad_hosts if spam else words.good_hosts)
    subject = _filled(chance.choice(subjects), slots)
    # Every message has sentences that say nothing about its kind, and sometimes one of the other side.
    lines = chance.sample(sentences, min(len(sentences), chance.randrange(2, 5)))
    lines += chance.sample(words.neutral[part], chance.randrange(1, 4))
    if chance.random() < 0.25:
        other = words.good if spam else words.bad
        lines.append(chance.choice(other[chance.choice(sorted(other))][1][part]))
    chance.shuffle(lines)
    body = "\n".join(
        [chance.choice(words.greetings), *(_filled(line, slots) for line in lines), chance.choice(words.ends)]
    )
    if spam and words is KOREAN and chance.random() < 0.5:
        subject, body = _evaded(subject, chance), _evaded(body, chance)
    name = _filled(chance.choice(words.bad_names if spam else words.names), slots)
    host = chance.choice(words.bad_hosts if spam else words.good_hosts)
    return _written(subject, body, f"{name}", f"user{chance.randrange(1, 400)}@{host}", number, chance, words)


def _filled(text: str, slots: dict[str, str]) -> str:
    return text.format_map(slots)


def _evaded(text: str, chance: random.Random) -> str:
    """Write a few words as those do who do not want to be found: apart, with dots, with nothing between."""
    out = []
    for word in text.split(" "):
        if len(word) >= 2 and all("가" <= char <= "힣" for char in word) and chance.random() < 0.3:
            word = chance.choice(("\u200b", ".", " ", "·", "-")).join(word)
        out.append(word)
    return " ".join(out)


def _written(
    subject: str, body: str, name: str, address: str, number: int, chance: random.Random, words: Language
) -> bytes:
    label, codec = chance.choice(words.charsets)
    html = chance.random() < 0.4
    text = body
    if html:
        text = "<html><body>" + "".join(f"<p>{line}</p>" for line in body.split("\n")) + "</body></html>"
    octets = text.encode(codec, "replace")
    lines = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    head = [
        f"From: {Header(name, label).encode()} <{address}>",
        "To: kim@office.test",
        f"Subject: {Header(subject, 'utf-8').encode()}",
        f"Message-ID: <{number}.{chance.randrange(1 << 30)}@{address.rpartition('@')[2]}>",
        "MIME-Version: 1.0",
        f"Content-Type: text/{'html' if html else 'plain'}; charset={label}",
        "Content-Transfer-Encoding: base64",
    ]
    return "\r\n".join(head).replace("\n ", "\r\n ").replace("\r\r", "\r").encode("ascii") + b"\r\n\r\n" + lines
