"""What a sender is told by mail where an answer has no room for it: what was found, by which rule, what to do, whom to ask.

STRATEGIES  A reply of SMTP is one line of ASCII (RFC 5321 §4.2) that most mail programs hide; the notice is in the language of the
            account. Pages of ours and JMAP tell the same at once, and get none, but of what was changed. Values are masked, as an
            officer sees them. That a letter waits or was changed is told by an entry that is committed with the letter: one
            that is refused after all has none.
LIMITS      MOST_FOUND findings of a letter, MOST notices to an account within an hour, in this process.
FAILURE     A notice that cannot be written stops nothing: it is an event of the log.
Must not know what follows from a verdict otherwise.
"""

from typing import Final, Literal, Protocol

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.errors import MailError
from smartmail.domain.ids import AccountId
from smartmail.domain.leaks import ActionKind, Hit, LeakVerdict
from smartmail.domain.queue import NewQueueEntry
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_queue import QueueStore
from smartmail.service.kernel.clock import HOUR
from smartmail.service.kernel.notifications import Notices
from smartmail.service.protection.leaks import OutgoingLetter

MOST_FOUND: Final = 10
MOST: Final = 20
MOST_ASKED: Final = 3
_Key = Literal["blocked", "held", "delayed", "changed"]
_WAITING: Final[dict[ActionKind, _Key]] = {"approve": "held", "delay": "delayed"}


class _Store(AccountStore, QueueStore, Protocol): ...


class LeakNotices:
    """Writes them."""

    def __init__(self, store: _Store, notices: Notices, clock: Clock) -> None:
        self._store = store
        self._notices = notices
        self._clock = clock
        self._told: dict[AccountId, int] = {}
        self._hour = 0

    async def refused(self, letter: OutgoingLetter, verdict: LeakVerdict, incident: int) -> None:
        """Tell a person who sends by a mail program that a letter is refused. Never raises MailError."""
        if not letter.ascii:
            return
        try:
            for entry in await self._written(letter, verdict, "blocked", incident):
                await self._store.enqueue(entry)
                self._notices.queued()
        except MailError as error:
            _failed(letter, error)

    async def waits(
        self, letter: OutgoingLetter, verdict: LeakVerdict, effect: ActionKind, incident: int
    ) -> tuple[NewQueueEntry, ...]:
        """Return what tells a person who sends by a mail program that a letter waits, to be committed with it; nothing where it
        leaves at once. Never raises MailError.
        """
        key = _WAITING.get(effect)
        return await self._along(letter, verdict, key, incident) if key and letter.ascii else ()

    async def changed(self, letter: OutgoingLetter, verdict: LeakVerdict, incident: int) -> tuple[NewQueueEntry, ...]:
        """Return what tells a person, by whatever they send, that a letter leaves masked or without files, to be committed with it.
        Never raises MailError.
        """
        return await self._along(letter, verdict, "changed", incident)

    async def _along(
        self, letter: OutgoingLetter, verdict: LeakVerdict, key: _Key, incident: int
    ) -> tuple[NewQueueEntry, ...]:
        try:
            return await self._written(letter, verdict, key, incident)
        except MailError as error:
            _failed(letter, error)
            return ()

    async def _written(
        self, letter: OutgoingLetter, verdict: LeakVerdict, key: _Key, incident: int
    ) -> tuple[NewQueueEntry, ...]:
        if letter.machine or not self._has_room(letter.account_id):
            return ()
        account = await self._store.account(letter.account_id)
        language = account.language or "ko"
        words = await self._words(account, language, letter, verdict, f"{incident:x}")
        subject = translate(language, f"leaks.notice.{key}.subject", subject=letter.summary.subject or "-")
        text = translate(language, "leaks.notice.facts", **words)
        lead = translate(language, f"leaks.notice.{key}.text", minutes=words["minutes"])
        own = "" if verdict.rule is None else verdict.rule.message
        parts = [one for one in (lead, own, text) if one]
        return (await self._notices.written(account, " ".join(subject.split()), "\n\n".join(parts)),)

    async def _words(
        self, account: Account, language: str, letter: OutgoingLetter, verdict: LeakVerdict, incident: str
    ) -> dict[str, object]:
        rule, delay = verdict.rule, verdict.wants("delay")
        asked = await self._notices.administrators(account.organization_id, but=account.id)
        found = [_shown(language, one) for one in verdict.hits[:MOST_FOUND]]
        unread = translate(language, "leaks.notice.unread")
        return {
            "subject": letter.summary.subject or "-", "recipients": ", ".join(letter.recipients[:MOST_FOUND]),
            "rule": unread if rule is None else f"{rule.name} ({rule.id})", "incident": incident,
            "found": "\n".join(found) or "-", "ask": ", ".join(one.login for one in asked[:MOST_ASKED]) or "-",
            "minutes": 0 if delay is None else delay.minutes,
        }  # fmt: skip

    def _has_room(self, account_id: AccountId) -> bool:
        hour = self._clock.now() // HOUR
        if hour != self._hour:
            self._hour, self._told = hour, {}
        self._told[account_id] = self._told.get(account_id, 0) + 1
        return self._told[account_id] <= MOST


def _failed(letter: OutgoingLetter, error: MailError) -> None:
    log.event("leaks.notify_failed", account=letter.account_id, error=error.code)


def _shown(language: str, hit: Hit) -> str:
    """Return a finding as a line: where it is, and its masked value."""
    kind, _, name = hit.place.partition(":")
    place = name or translate(language, f"leaks.notice.{'subject' if kind == 'subject' else 'body'}")
    return f"- {place}: {hit.masked}"
