"""Several messages at once in one ZIP of .eml files, made while it goes out: what a person has chosen in a list.

NAME       mail bundles
LIMITS     `MOST_MESSAGES` messages of `MOST_OCTETS` together; whoever wants more asks for a parcel. One message is at hand
           at a time.
FAILURE    What cannot be read when its turn comes is named in a text beside the others; the rest goes on.
SECURITY   `export.allowed` of whoever asks, whosever mail it is, and `export.step-up`; programs with a password of their own
           get none. Who may not read a message gets none of it. On record with its counts before the first octet.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from smartmail.base.i18n import translate
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, MailError, NotFound, PolicyRejected, TooLarge
from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.principal import Actor
from smartmail.formats.zip_stream import ZipStream
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.service.identity.factors.step_up import PROGRAMS, StepUp
from smartmail.service.kernel.audit.texts import RecordTexts
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.mailbox import import_origin
from smartmail.service.mailbox.export_files import safe_name
from smartmail.service.mailbox.mailstore.reading import OpenMessage, ReadingService
from smartmail.service.mailbox.parcels.store import Store

MOST_MESSAGES: Final = 1000
MOST_OCTETS: Final = 512 << 20
_KOREA_MINUTES: Final = 9 * 60
_SUBJECT: Final = 80
_ASIDE: Final = 1 << 20
"""Octets from which a message is packed beside the loop."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What goes out: messages of an account that the actor may read, in the order asked."""

    actor: Actor
    account_id: AccountId
    messages: Sequence[OpenMessage]
    language: str


class MailBundles:
    """Makes them."""

    def __init__(
        self, store: Store, reading: ReadingService, policy: PolicyService, step_up: StepUp, texts: RecordTexts, clock: Clock
    ) -> None:  # fmt: skip
        self._store = store
        self._reading = reading
        self._policy = policy
        self._step_up = step_up
        self._texts = texts
        self._clock = clock

    async def open(self, actor: Actor, account_id: AccountId, message_ids: Sequence[MessageId]) -> Bundle:
        """Return a bundle that may go out, put on record. Raises PolicyRejected, ProofNeeded, Forbidden, NotFound (none of
        them is there), Invalid (none asked), TooLarge, Unavailable (no record can be written).
        """
        await self._may(actor)
        wanted = list(dict.fromkeys(message_ids))
        if not wanted:
            raise Invalid("no messages")
        if len(wanted) > MOST_MESSAGES:
            raise TooLarge(f"at most {MOST_MESSAGES} messages")
        messages = await self._reading.messages(actor, account_id, wanted)
        if not messages:
            raise NotFound
        octets = sum(one.row.size for one in messages)
        if octets > MOST_OCTETS:
            raise TooLarge(f"at most {MOST_OCTETS} octets")
        now, thing = self._clock.now(), f"account:{account_id}"
        facts = {"messages": len(messages), "octets": octets}
        sealed = await self._texts.seal(actor.organization_id, "mail.save", thing, now, facts)
        record = AuditRecord(now, actor.named, "mail.save", thing, actor.origin.address, sealed, actor.origin.door)
        await self._store.audit(record, actor.account_id)
        account = await self._store.account(actor.account_id)
        return Bundle(actor, account_id, messages, account.language or "ko")

    async def pieces(self, bundle: Bundle) -> AsyncIterator[bytes]:
        """Yield the octets of the archive."""
        archive, used, unread = ZipStream(_KOREA_MINUTES), set[str](), []
        for message in bundle.messages:
            name = _unique(message, used)
            try:
                octets = await self._reading.octets(bundle.actor, bundle.account_id, message.row.id)
            except MailError:
                unread.append(name)
                continue
            octets = import_origin.file_octets(octets, import_origin.unpack(message.summary.origin))
            arguments = (name, octets, message.row.received_at // 1000)
            large = len(octets) >= _ASIDE
            yield await asyncio.to_thread(archive.add, *arguments) if large else archive.add(*arguments)
        if unread:
            words = translate(bundle.language, "bundle.unread")
            text = "\r\n".join((words, "", *unread, "")).encode()
            yield archive.add(
                safe_name(translate(bundle.language, "bundle.unreadName")) + ".txt", text, self._clock.now() // 1000
            )
        yield archive.finish()

    async def still_may(self, actor: Actor) -> bool:
        """Say whether policy has not closed this meanwhile."""
        return await self._policy.value_of_id(actor.account_id, knobs.EXPORT)

    async def _may(self, actor: Actor) -> None:
        policy = await self._policy.of_id(actor.account_id)
        if actor.by in PROGRAMS:
            raise Forbidden("sign in as a person for this")
        if not policy[knobs.EXPORT]:
            raise PolicyRejected("originals of messages may not be saved here")
        if policy[knobs.EXPORT_STEP_UP]:
            await self._step_up.require(actor)


def _unique(message: OpenMessage, used: set[str]) -> str:
    """Return `20261127-0930 subject.eml`, a number behind it where another one is called so."""
    when = datetime.fromtimestamp(max(0, message.row.received_at // 1000), UTC) + timedelta(minutes=_KOREA_MINUTES)
    subject = "".join(char for char in message.summary.subject if char.isprintable())[:_SUBJECT].strip()
    stem = safe_name(f"{when:%Y%m%d-%H%M} {subject}".strip())
    name, number = f"{stem}.eml", 1
    # Not all file systems tell capitals apart.
    while name.casefold() in used:
        number += 1
        name = f"{stem} ({number}).eml"
    used.add(name.casefold())
    return name
