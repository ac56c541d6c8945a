"""Letters that nothing is learned from and nothing is chosen by, to say how a new installation does (docs/spam-quality.md)."""

import base64
import itertools
import re
from email.header import Header
from pathlib import Path
from typing import Final, NamedTuple

LETTERS: Final = Path(__file__).parent / "letters.txt"
_CHOICE: Final = re.compile(r"\{([^{}|]*)\|([^{}]*)\}")


class Letter(NamedTuple):
    """A whole message, its language, and what it is."""

    octets: bytes
    language: str
    spam: bool


def letters() -> list[Letter]:
    """Return all letters, those with alternatives once for each, plain and as HTML in turn."""
    found: list[Letter] = []
    for block in re.split(r"^## ", LETTERS.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        head, _, rest = block.partition("\n")
        language, _, side = head.partition(" ")
        for text in rest.split("\n----\n"):
            found += [
                Letter(_written(one, len(found) + number), language, side == "bad")
                for number, one in enumerate(_variants(text.strip()))
            ]
    return found


def _variants(text: str) -> list[str]:
    choices = [(match[1], match[2]) for match in _CHOICE.finditer(text)]
    parts = _CHOICE.sub("\0", text).split("\0")
    return [
        "".join(itertools.chain.from_iterable(zip(parts, (*chosen, ""), strict=True)))
        for chosen in itertools.product(*choices)
    ]


def _written(text: str, number: int) -> bytes:
    subject, _, body = text.partition("\n")
    kind = "plain"
    if number % 2:
        kind, body = "html", f"<html><body><p>{body.replace('. ', '.</p><p>')}</p></body></html>"
    head = (
        f"From: sender{number} <a{number}@outside.test>\nTo: kim@office.test\nSubject: {Header(subject, 'utf-8').encode()}\n"
        f"MIME-Version: 1.0\nContent-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    )
    return head.encode() + base64.encodebytes(body.encode())
