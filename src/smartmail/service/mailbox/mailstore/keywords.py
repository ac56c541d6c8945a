"""Keyword names of an account: system ones are bits, own ones numbers whose spelling is sealed.

Names compare without case (RFC 9051 §2.3.2): the keyed hash is of the lower case. An own keyword is kept as it was first
given, which is how IMAP shows it; JMAP's keywords are lower case (RFC 8621 §4.1.1). Characters are those of an IMAP
flag-keyword.
"""

import re
from collections.abc import Iterable

from smartmail.domain.errors import Invalid, RateLimited
from smartmail.domain.ids import AccountId
from smartmail.domain.keywords import MAX_KEYWORD_OCTETS, SYSTEM, Keywords
from smartmail.formats.seal import Kind, Purpose
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_tx import MailTx
from smartmail.service.kernel.keyring import Keyring, Sealer

MAX_OWN = 500
"""Own keywords per account: a client that makes one per message must not fill the table."""

_ATOM = re.compile(r"[\x21\x23\x24\x26\x27\x2b-\x5b\x5e-\x7a\x7c\x7e]+\Z")
"""RFC 8621 §4.1.1: ASCII without controls, space and ( ) { ] % * " \\."""
_BITS = {bit: name for name, bit in SYSTEM.items()}


class KeywordService:
    """Turns names into `Keywords` and back. Numbers never change, so opened spellings are kept for good."""

    def __init__(self, store: MailReads, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring
        self._names: dict[tuple[AccountId, int], str] = {}

    async def names(self, account_id: AccountId) -> dict[int, str]:
        """Return number → JMAP name, in lower case, of the account's own keywords."""
        return {number: name.lower() for number, name in (await self.spellings(account_id)).items()}

    async def spellings(self, account_id: AccountId) -> dict[int, str]:
        """Return number → own keyword as it was first given, which is how IMAP shows it."""
        rows = await self._store.keywords(account_id)
        if not rows:
            return {}
        keys = await self._keyring.account_by_id(account_id)
        return {number: self._open(keys, account_id, number, sealed) for number, sealed in rows}

    def _open(self, keys: Sealer, account_id: AccountId, number: int, sealed: bytes) -> str:
        name = self._names.get((account_id, number))
        if name is None:
            name = self._names[account_id, number] = keys.open_text(Kind.KEYWORD, sealed)
        return name

    async def show(self, account_id: AccountId, keywords: Keywords) -> list[str]:
        """Return the JMAP names of a message's keywords."""
        names = await self.names(account_id) if keywords.tags else {}
        return bit_names(keywords.bits) + [names[number] for number in keywords.tags if number in names]


async def number_keywords(tx: MailTx, keys: Sealer, names: Iterable[str]) -> Keywords:
    """Return names as `Keywords`, giving numbers to new ones. Raises Invalid, RateLimited (too many own ones)."""
    bits = 0
    tags: set[int] = set()
    for name in names:
        folded = checked(name)
        if folded in SYSTEM:
            bits |= SYSTEM[folded]
        else:
            number = await tx.keyword_number(
                keys.hash(Purpose.KEYWORD, folded.encode()), keys.seal_text(Kind.KEYWORD, name)
            )
            if number > MAX_OWN:
                raise RateLimited(f"at most {MAX_OWN} own keywords")
            tags.add(number)
    return Keywords(bits, tuple(sorted(tags)))


def checked(name: str) -> str:
    """Return the form in which keywords compare. Raises Invalid."""
    if not _ATOM.match(name) or len(name) > MAX_KEYWORD_OCTETS:
        raise Invalid(f"not a keyword: {name[:40]!r}")
    return name.lower()


def bit_names(bits: int) -> list[str]:
    """Return the JMAP names of system keywords."""
    return [name for bit, name in _BITS.items() if bits & bit]
