"""The recovery kit: the master key as shares on paper, and back.

PURPOSE   `make` gives sheets to print, `key_of` the key of typed shares. Sheets come as plain text and as a page without a
          script that prints one share per sheet of paper.
SECURITY  A sheet says what it is and whose, never who holds the others. The key is named by its id and checked by its
          check value, so that shares of another installation are found out before anything is written.
Must not know where the key's file lies, nor who may have a kit.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from smartmail.adapters.keys.master import MasterKey, master_key
from smartmail.base.i18n import translate
from smartmail.formats import shares
from smartmail.formats.shares import Share, ShareError

_KIT_OCTETS = 4


@dataclass(frozen=True, slots=True)
class Sheet:
    """One share as it is printed."""

    share: Share
    text: str
    page: bytes


def make(
    key: MasterKey, need: int, count: int, *, day: str, name: str, language: str,
    random: Callable[[int], bytes] = os.urandom,
) -> list[Sheet]:  # fmt: skip
    """Return the sheets of a new kit. `day` and `name` (of the installation) are printed on them. Raises ValueError."""
    kit, identity = random(_KIT_OCTETS), key.identity
    values = shares.split(key.key.octets, need, count, random)
    found = []
    for number, octets in enumerate(values, 1):
        share = Share(number, need, count, kit, bytes.fromhex(identity.id), bytes.fromhex(identity.check), octets)
        lines = _lines(share, day, name, language)
        code = shares.to_text(share)
        text = "\n".join((*lines, "", code, "", translate(language, "kit.keep"), ""))
        found.append(Sheet(share, text, _page(lines, code, language)))
    return found


def key_of(typed: Sequence[str]) -> MasterKey:
    """Return the key of typed shares. Raises ShareError: which share and line is wrong, or that they do not fit."""
    known: list[Share] = []
    for number, text in enumerate(typed, 1):
        try:
            known.append(shares.from_text(text))
        except ShareError as error:
            raise ShareError(f"share {number} of those given: {error}") from None
    secret = shares.secret_of(known)
    made = master_key(known[0].key_id, secret)
    if made.identity.check != known[0].key_check.hex():
        raise ShareError("the shares do not give the key that they name: one of them is of another kit or was altered")
    return made


def _lines(share: Share, day: str, name: str, language: str) -> list[str]:
    facts = {
        "number": str(share.number), "count": str(share.count), "need": str(share.need), "name": name, "day": day,
        "key_id": share.key_id.hex(), "kit": share.kit.hex(),
    }  # fmt: skip
    return [translate(language, f"kit.{one}", **facts) for one in ("title", "about", "which")]


def _page(lines: Sequence[str], code: str, language: str) -> bytes:
    title, *rest = (escape(line) for line in lines)
    text = "".join(f"<p>{line}</p>" for line in rest)
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{title}</title>'
        "<style>@page{size:A5;margin:16mm}body{font:12pt/1.6 sans-serif;max-width:128mm;margin:16mm auto}"
        "pre{font:15pt/2 monospace;border:1px solid #444;padding:6mm;white-space:pre-wrap}</style>"
        f"<h1>{title}</h1>{text}<pre>{escape(code)}</pre><p>{escape(translate(language, 'kit.keep'))}</p></html>"
    ).encode()
