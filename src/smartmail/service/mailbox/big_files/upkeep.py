"""What is done to big files by the clock: verdicts, reminders, and what goes when its time is over."""

from typing import Final

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.big_files import BigLink
from smartmail.domain.errors import MailError
from smartmail.formats.seal import SealError
from smartmail.ports.clock import Clock
from smartmail.service.kernel.clock import DAY
from smartmail.service.mailbox.big_files.letters import BigFileLetters, date_text
from smartmail.service.mailbox.big_files.links import BigLinks
from smartmail.service.mailbox.big_files.store import Store
from smartmail.service.mailbox.big_files.texts import FileKeys, open_link
from smartmail.service.mailbox.big_files.verdicts import Verdicts

REMIND_MS: Final = 3 * DAY
GRACE_MS: Final = 3 * DAY
"""How long a file stays after its last link ended: so long its owner can extend it."""
AT_ONCE: Final = 100


class BigFileUpkeep:
    """The jobs."""

    def __init__(
        self, store: Store, keys: FileKeys, links: BigLinks, letters: BigFileLetters, verdicts: Verdicts, clock: Clock
    ) -> None:
        self._store = store
        self._keys = keys
        self._links = links
        self._letters = letters
        self._verdicts = verdicts
        self._clock = clock

    async def judge(self) -> None:
        """Judge what waits for a verdict or has an old one."""
        await self._verdicts.turn()

    async def turn(self) -> None:
        """Remind of links that end soon; drop what is over."""
        now = self._clock.now()
        for link in await self._store.big_links_ending(now, now + REMIND_MS, AT_ONCE):
            if await self._store.remind_big_link(link.id, now) and link.expires_at - link.created_at > REMIND_MS:
                await self._remind(link)
        while rows := await self._store.big_files_over(now - GRACE_MS, AT_ONCE):
            for row in rows:
                await self._store.drop_big_file(row.id, now)

    async def _remind(self, link: BigLink) -> None:
        try:
            await self._tell(link)
        except (MailError, SealError) as error:
            log.event("job.failed", job="big-files", error=type(error).__name__, detail=getattr(error, "detail", ""))

    async def _tell(self, link: BigLink) -> None:
        row = await self._store.big_file(link.file_id)
        if row is None or row.state != "ready":
            return
        file, owner = await self._keys.open(row), await self._store.account(link.account_id)
        text, language = open_link(file.keys, link), owner.language or "ko"
        name, date = file.text.name, date_text(link.expires_at)
        subject = translate(language, "file.ending.subject", name=name)
        sender = translate(
            language, "file.ending.sender", recipient=text.recipient or "-", name=name, date=date,
            taken=str(link.taken),
        )  # fmt: skip
        await self._letters.send(owner, owner.login, language, subject, sender)
        if text.recipient and not link.taken:
            url = self._links.url(text.token)
            waiting = translate(
                language, "file.ending.recipient", sender=owner.name or owner.login, name=name, date=date, url=url
            )
            await self._letters.send(owner, text.recipient, language, subject, waiting)
