"""Tells administrators of alarms, each in their language: by mail through the queue, or past it where the queue is what is
wrong and a relay is named.
"""

from typing import Final

import msgspec

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.alarms import Alarm, Condition
from smartmail.domain.errors import Invalid, MailError, Unavailable
from smartmail.formats.address import Mailbox
from smartmail.formats.compose import Draft, compose
from smartmail.ports.clock import Clock
from smartmail.ports.direct_mail import DirectMail, DirectRelay
from smartmail.ports.store_settings import SettingStore
from smartmail.service.kernel.notifications import Notices

SCOPE: Final = "alarms"
RELAY: Final = "relay"
MOST_ADDRESSES: Final = 10
SPEECH: Final = "ko"
"""The language of mail to addresses that are no accounts of ours."""


class Telling:
    """Writes and sends."""

    def __init__(self, store: SettingStore, notices: Notices, direct: DirectMail, clock: Clock, host: str) -> None:
        self._store = store
        self._notices = notices
        self._direct = direct
        self._clock = clock
        self._host = host

    async def relay(self) -> DirectRelay | None:
        """Return the relay that is named, None for none."""
        text = await self._store.setting(SCOPE, RELAY)
        return msgspec.json.decode(text, type=DirectRelay) if text else None

    async def tell(self, alarm: Alarm, condition: Condition) -> bool:
        """Tell of an alarm; say whether anybody could be told."""
        readers = await self._notices.administrators()
        relay = await self.relay() if condition.direct else None
        if relay is not None and await self._past_the_queue(relay, alarm, condition, readers):
            return True
        told = False
        for reader in readers:
            subject, text = words(alarm, condition, reader.language or SPEECH)
            try:
                await self._notices.send(reader, subject, text)
                told = True
            except MailError as error:
                log.event(
                    "alarm.notify_failed", condition=alarm.condition, error=type(error).__name__, detail=error.detail
                )
        return told

    async def try_mail(self) -> int:
        """Send a test to the administrators; return to how many. Raises Unavailable: to nobody."""
        told = 0
        for reader in await self._notices.administrators():
            language = reader.language or SPEECH
            try:
                await self._notices.send(
                    reader, translate(language, "alarm.test.subject"), translate(language, "alarm.test.mail")
                )
                told += 1
            except MailError as error:
                log.event("alarm.notify_failed", condition="test", error=type(error).__name__, detail=error.detail)
        if not told:
            raise Unavailable(detail="no administrator could be written to")
        return told

    async def try_relay(self) -> None:
        """Send a test through the relay. Raises Invalid (none is named), Unavailable."""
        relay = await self.relay()
        if relay is None:
            raise Invalid("no relay is named for alarms; see: alarm relay --help", reason="alarm.norelay")
        subject = translate(SPEECH, "alarm.test.subject")
        readers = [one.login for one in await self._notices.administrators()]
        await self._hand_over(relay, [*relay.to] or readers, subject, translate(SPEECH, "alarm.test.text"))

    async def _past_the_queue(
        self, relay: DirectRelay, alarm: Alarm, condition: Condition, readers: list[Account]
    ) -> bool:
        """Hand it to the relay: to the addresses that are named there, else to the administrators'."""
        language = SPEECH if relay.to or not readers else readers[0].language or SPEECH
        subject, text = words(alarm, condition, language)
        try:
            await self._hand_over(relay, list(relay.to) or [one.login for one in readers], subject, text)
        except MailError as error:
            log.event("alarm.notify_failed", condition=alarm.condition, error=type(error).__name__, detail=error.detail)
            return False
        return True

    async def _hand_over(self, relay: DirectRelay, to: list[str], subject: str, text: str) -> None:
        if not to:
            raise Invalid("there is nobody to tell", reason="alarm.nobody")
        sender = f"postmaster@{self._host}"
        draft = Draft(
            from_=(Mailbox(translate(SPEECH, "report.from"), sender),), to=tuple(Mailbox("", one) for one in to),
            subject=subject, text=text, message_id=f"{self._clock.new_id():x}@{self._host}",
            date=(self._clock.now() // 1000, 0), headers=(("Auto-Submitted", "auto-generated"),),
        )  # fmt: skip
        octets = compose(draft, nonce=self._clock.random(12).hex())
        await self._direct.hand_over(relay, sender, to, octets)


def words(alarm: Alarm, condition: Condition, language: str) -> tuple[str, str]:
    """Return subject and text."""
    state = alarm.level if alarm.stands else "over"
    facts = {
        "what": translate(language, f"alarm.{alarm.condition}"),
        "value": str(alarm.value),
        "unit": translate(language, f"alarm.unit.{condition.unit.replace(' ', '-')}"),
        "peak": str(alarm.peak),
        "subject": alarm.subject or "-",
        "bound": str(condition.critical if alarm.level == "critical" else condition.warning),
        "name": alarm.condition,
        "id": str(alarm.id),
    }
    return translate(language, f"alarm.{state}.subject", **facts), translate(language, f"alarm.{state}.text", **facts)
