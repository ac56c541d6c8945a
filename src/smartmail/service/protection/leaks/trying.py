"""Trying: what the rules in force, or they and one that is not in force yet, would say of a message that nobody sends.

No side effect: no incident, nothing in a queue.
"""

from collections.abc import Sequence

from smartmail.domain.ids import AccountId
from smartmail.domain.leaks import Exit, LeakRule, LeakVerdict
from smartmail.formats import summary as summaries
from smartmail.formats.address import Mailbox
from smartmail.formats.compose import Draft, compose
from smartmail.formats.mime.scanner import scan
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.service.kernel.clock import SECOND
from smartmail.service.protection.leaks.judging import LeakJudge
from smartmail.service.protection.leaks.letter import OutgoingLetter
from smartmail.service.protection.leaks.rules import checked


class LeakTrial:
    """Tries rules on messages."""

    def __init__(self, store: AccountStore, judge: LeakJudge, clock: Clock) -> None:
        self._store = store
        self._judge = judge
        self._clock = clock

    async def text(
        self, account_id: AccountId, way: Exit, recipients: Sequence[str], subject: str, text: str, rule: LeakRule | None = None
    ) -> LeakVerdict:  # fmt: skip
        """Return the verdict on a plain text that an account sends. `rule`: as in `message`. Raises Invalid, NotFound, Unavailable."""
        account = await self._store.account(account_id)
        draft = Draft(
            from_=[Mailbox("", account.login)], to=[Mailbox("", one) for one in recipients],
            date=(self._clock.now() // SECOND, 0), message_id="trial@invalid", subject=" ".join(subject.split()), text=text,
        )  # fmt: skip
        return await self.message(account_id, way, recipients, compose(draft, nonce="leaktrial"), rule)

    async def message(
        self, account_id: AccountId, way: Exit, recipients: Sequence[str], message: bytes, rule: LeakRule | None = None
    ) -> LeakVerdict:
        """Return the verdict on a message (RFC 5322) that an account sends. `rule`: one that is tried with those in force as if it
        were on, in the place of the one whose id it has. Raises Invalid (rule), NotFound, Unavailable.
        """
        account = await self._store.account(account_id)

        async def read(start: int, length: int) -> bytes:
            return message[start : start + length]

        summary = summaries.build(scan(message))
        letter = OutgoingLetter(account_id, way, account.login, recipients, summary, read)
        if rule is None:
            return await self._judge.judge(letter)
        checked(rule)
        return await self._judge.with_rule(rule, letter)
