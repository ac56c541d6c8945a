"""Flags: `Keywords` and \\Deleted in IMAP's spelling (RFC 3501 §2.3.2), and back."""

from collections.abc import Iterable, Mapping

from smartmail.domain import keywords as kw
from smartmail.domain.keywords import Keywords
from smartmail.domain.message import ViewEntry
from smartmail.service.mailbox.mailstore.marking import FlagChange, FlagMode

SYSTEM: dict[str, int] = {
    "\\Seen": kw.SEEN, "\\Answered": kw.ANSWERED, "\\Flagged": kw.FLAGGED, "\\Draft": kw.DRAFT,
}  # fmt: skip
_NAMED: dict[str, int] = {
    "$Forwarded": kw.FORWARDED, "$Junk": kw.JUNK, "$NotJunk": kw.NOT_JUNK, "$MDNSent": kw.MDN_SENT,
    "$Phishing": kw.PHISHING, "$MailFlagBit0": kw.STAR_1, "$MailFlagBit1": kw.STAR_2, "$MailFlagBit2": kw.STAR_4,
}  # fmt: skip
DELETED = "\\Deleted"
RECENT = "\\Recent"
MAX_COMBINATIONS = 5_000
"""Of own keywords, rendered and kept per account."""
PERMANENT = (*SYSTEM, DELETED, *_NAMED)
_JMAP = {bit: name for name, bit in kw.SYSTEM.items()}
_BITS = {name.lower(): bit for name, bit in {**SYSTEM, **_NAMED}.items()}


def bits_text(bits: int, *, deleted: bool) -> str:
    """Return system flags, spaces between."""
    names = [name for name, bit in SYSTEM.items() if bits & bit]
    if deleted:
        names.append(DELETED)
    names += [name for name, bit in _NAMED.items() if bits & bit]
    return " ".join(names)


class FlagTexts:
    """Flag lists of one account as text, each combination rendered once."""

    def __init__(self) -> None:
        self._plain: dict[int, str] = {}
        self._tagged: dict[tuple[int, tuple[int, ...]], str] = {}
        self._octets: dict[str, bytes] = {}
        self.names: Mapping[int, str] = {}
        self.highest = 0
        """Every own keyword up to this number has a known spelling: they are numbered as they come."""

    def learn(self, names: Mapping[int, str], highest: int) -> None:
        """Take the spelling of own keywords, read after number `highest` was seen."""
        self.highest = max(self.highest, highest, max(names, default=0))
        if names != self.names:
            self.names = dict(names)
            self._tagged.clear()

    def one(self, entry: ViewEntry) -> str:
        """Return the flags of one line."""
        keywords = entry.keywords
        code = keywords.bits << 1 | entry.deleted
        if not keywords.tags:
            text = self._plain.get(code)
            if text is None:
                text = self._plain[code] = bits_text(keywords.bits, deleted=entry.deleted)
            return text
        text = self._tagged.get((code, keywords.tags))
        if text is None:
            if len(self._tagged) >= MAX_COMBINATIONS:
                self._tagged.clear()
            text = self._tagged[code, keywords.tags] = self._render(keywords, deleted=entry.deleted)
        return text

    def octets(self, entry: ViewEntry) -> bytes:
        """Return the flags of one line as octets."""
        text = self.one(entry)
        octets = self._octets.get(text)
        if octets is None:
            if len(self._octets) >= MAX_COMBINATIONS:
                self._octets.clear()
            octets = self._octets[text] = text.encode("ascii")
        return octets

    def _render(self, keywords: Keywords, *, deleted: bool) -> str:
        own = [self.names[number] for number in keywords.tags if number in self.names]
        return " ".join(filter(None, [bits_text(keywords.bits, deleted=deleted), *own]))

    def many(self, entries: Iterable[ViewEntry]) -> list[str]:
        """Return the flags of many lines; the common case costs one look-up each."""
        plain = self._plain
        texts = []
        for entry in entries:
            keywords = entry.keywords
            text = None if keywords.tags else plain.get(keywords.bits << 1 | entry.deleted)
            texts.append(self.one(entry) if text is None else text)
        return texts


def change_of(mode: FlagMode, flags: Iterable[str]) -> FlagChange:
    """Return a STORE's flags as a change: names in JMAP spelling, \\Deleted apart, \\Recent ignored (RFC 3501 §2.3.2)."""
    names, deleted = split(flags)
    return FlagChange(mode, names, deleted)


def split(flags: Iterable[str]) -> tuple[tuple[str, ...], bool]:
    """Return (keyword names in JMAP spelling, whether \\Deleted is among the flags)."""
    names: list[str] = []
    deleted = False
    for flag in flags:
        folded = flag.lower()
        if folded == "\\deleted":
            deleted = True
        elif folded in _BITS:
            names.append(_JMAP[_BITS[folded]])
        elif not folded.startswith("\\"):
            names.append(flag)
    return tuple(names), deleted


def bit_of(flag: str) -> int | None:
    """Return the bit of a system flag or keyword, None for an own keyword."""
    return _BITS.get(flag.lower())
