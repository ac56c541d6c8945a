"""An answer that is written on the page of a secure letter: it arrives with the sender as mail, in the same conversation.

STRATEGIES  It is a letter in the recipient's name (From), sent by this house (Sender, RFC 5322 §3.6.2), with In-Reply-To of the
            letter; it goes through the queue to the account alone.
LIMITS      `MAX_OCTETS` of words and files together, `MOST_REPLIES` of a session.
FAILURE     Where an engine that must look at it cannot, it is refused for now: nothing goes by unseen.
SECURITY    Scanned for malware as big files are. Who holds the session is who proved what the letter asks for.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from smartmail.base.i18n import translate
from smartmail.domain.errors import Forbidden, Invalid, PolicyRejected, RateLimited, TooLarge, Unavailable
from smartmail.formats.address import Mailbox
from smartmail.formats.compose import Attachment, ComposeError, Draft, compose
from smartmail.ports.clock import Clock
from smartmail.ports.scan import ScanEnvelope, ScanFailed
from smartmail.ports.store_queue import QueueStore
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.house_letters import HouseLetters
from smartmail.service.kernel.push import Hints
from smartmail.service.mailbox.secure_mail.opening import Opening, Reading
from smartmail.service.protection.filtering.engines import Engines

MAX_OCTETS: Final = 20 << 20
MOST_REPLIES: Final = 20
MAX_WORDS: Final = 200_000
LIFETIME: Final = 5 * DAY


class SecureReplying:
    """Writes them. `host` is our name in mail that we write."""

    def __init__(
        self, store: QueueStore, house: HouseLetters, opening: Opening, engines: Engines, hints: Hints, clock: Clock,
        host: str,
    ) -> None:  # fmt: skip
        self._store = store
        self._house = house
        self._opening = opening
        self._engines = engines
        self._hints = hints
        self._clock = clock
        self._host = host

    async def reply(self, reading: Reading, words: str, files: Sequence[tuple[str, bytes]]) -> None:
        """Send words and files (name, content) to the sender of a letter.

        Raises Forbidden (the letter takes no answers), Invalid (nothing is in it), TooLarge, RateLimited (too many),
        PolicyRejected (malware), Unavailable, StorageFull.
        """
        found = reading.invitation
        if not found.letter.text.replies:
            raise Forbidden("it takes no answers", reason="secure.answers")
        if reading.view.replies >= MOST_REPLIES:
            raise RateLimited
        if not words.strip() and not files:
            raise Invalid("nothing is in it", reason="secure.empty")
        if len(words) > MAX_WORDS or sum(len(octets) for _, octets in files) > MAX_OCTETS:
            raise TooLarge
        octets = self._composed(reading, words, files)
        await self._scan(octets)
        owner = found.owner
        written = await self._house.written(owner.organization_id, octets)
        entry = await self._house.entry(
            written, [owner.login], lifetime=LIFETIME, language=owner.language or "ko", final=True,
            international=not found.text.recipient.isascii(),
        )  # fmt: skip
        await self._store.enqueue(entry)
        self._hints.queue_changed()
        await self._opening.note(reading, replies=1)

    def _composed(self, reading: Reading, words: str, files: Sequence[tuple[str, bytes]]) -> bytes:
        found, now = reading.invitation, self._clock.now()
        text, recipient = found.letter.text, found.text.recipient
        answered = [text.message_id] if text.message_id else []
        subject = text.subject if text.subject.casefold().startswith("re:") else f"Re: {text.subject}"
        draft = Draft(
            from_=(Mailbox("", recipient),), to=(Mailbox(text.sender_name, text.sender),), date=(now // 1000, 0),
            sender=Mailbox(translate(found.owner.language or "ko", "secure.title"), f"postmaster@{self._host}"),
            message_id=f"{self._clock.new_id():x}.reply@{self._host}", subject=subject, text=words.replace("\r\n", "\n"),
            in_reply_to=answered, references=answered,
            attachments=[Attachment(name or "file", "application/octet-stream", octets) for name, octets in files],
        )  # fmt: skip
        try:
            return compose(draft, nonce=self._clock.random(12).hex())
        except ComposeError as error:
            raise Invalid(str(error), reason="secure.compose") from None

    async def _scan(self, octets: bytes) -> None:
        for engine in await self._engines.engines():
            if engine.kind == "rspamd":  # judges mail that nobody asked for
                continue
            try:
                verdict = await self._engines.scan(
                    engine, len(octets), lambda: _whole(octets), ScanEnvelope(), engine.seconds
                )
            except ScanFailed:
                if engine.on_failure == "hold":
                    raise Unavailable("it cannot be scanned now", reason="secure.scan") from None
                continue
            if verdict.infected:
                raise PolicyRejected("malware was found", reason="secure.malware")


async def _whole(octets: bytes) -> AsyncIterator[bytes]:
    yield octets
