"""Mail of the house about big files: codes for whoever fetches, reminders before a link ends."""

from datetime import UTC, datetime, timedelta
from typing import Final

from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.formats.address import Mailbox
from smartmail.formats.compose import Draft, compose
from smartmail.ports.clock import Clock
from smartmail.ports.store_queue import QueueStore
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.house_letters import HouseLetters
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.sealed_blobs import SealedBlobs

LIFETIME: Final = DAY
_UNITS: Final = ("B", "KB", "MB", "GB", "TB")
_KOREA: Final = timedelta(hours=9)


class BigFileLetters:
    """Writes them and puts them into the queue of the file's owner's company."""

    def __init__(
        self, store: QueueStore, keyring: Keyring, blobs: SealedBlobs, hints: Hints, clock: Clock, host: str
    ) -> None:
        self._store = store
        self._letters = HouseLetters(keyring, blobs, clock)
        self._hints = hints
        self._clock = clock
        self._host = host

    async def send(self, owner: Account, address: str, language: str, subject: str, text: str) -> None:
        """Queue one letter to an address. Raises StorageFull, Unavailable."""
        now = self._clock.now()
        draft = Draft(
            from_=(Mailbox(translate(language, "report.from"), f"postmaster@{self._host}"),),
            to=(Mailbox("", address),), subject=subject, text=text,
            message_id=f"{self._clock.new_id():x}@{self._host}", date=(now // 1000, 0),
            # RFC 3834 §5: nobody's absence note answers it.
            headers=(("Auto-Submitted", "auto-generated"),),
        )  # fmt: skip
        octets = compose(draft, nonce=self._clock.random(12).hex())
        written = await self._letters.written(owner.organization_id, octets)
        entry = await self._letters.entry(written, [address], lifetime=LIFETIME, language=language)
        await self._store.enqueue(entry)
        self._hints.queue_changed()


def size_text(size: int) -> str:
    """Return a size as people read it."""
    amount, unit = float(size), 0
    while amount >= 1024 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    return f"{amount:.0f} {_UNITS[unit]}" if unit == 0 or amount >= 100 else f"{amount:.1f} {_UNITS[unit]}"


def date_text(at: int) -> str:
    """Return a time in milliseconds as people read it, with its zone."""
    return (datetime.fromtimestamp(at / 1000, UTC) + _KOREA).strftime("%Y-%m-%d %H:%M (UTC+9)")
