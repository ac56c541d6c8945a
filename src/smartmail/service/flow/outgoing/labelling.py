"""Labelling: which security label (보안등급) a letter leaves with, and whether it may leave so (BR-17).

STRATEGIES  The header says what the sender chose (formats.security_label) and which letters it answers or forwards; these are looked
            for among the sender's own mail, and what they carry, as of now, is the least that the letter carries. A company without labels
            costs nothing more than the look at its table.
LIMITS      Of the conversations that a letter names, the THREADS oldest are looked at, and the BEHIND newest letters of them.
SECURITY    A label in mail from outside is no label of ours (authentication.forgeries): nobody outside can close a conversation.
Must not know how a letter came.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from smartmail.domain.errors import PolicyRejected
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.formats import security_label
from smartmail.formats.headers import Header, message_ids
from smartmail.formats.seal import Purpose
from smartmail.formats.summary import Summary
from smartmail.policy.security_labels import Chosen, as_of, choose
from smartmail.ports.clock import Clock
from smartmail.ports.store_correspondents import CorrespondentStore
from smartmail.ports.store_mail import MailReads
from smartmail.service.kernel.clock import SECOND
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.security_labels import Labels, SecurityLabels
from smartmail.service.mailbox.mailstore.reading import ReadingService

THREADS: Final = 4
BEHIND: Final = 50
NONE: Final = Chosen(None)
_NAMING: Final = ("in-reply-to", "references", "x-forwarded-message-id")
_FIELDS: Final = (*_NAMING, security_label.FIELD.lower(), security_label.REASON_FIELD.lower(), "sensitivity")


class LabelStaysInside(PolicyRejected):
    """The letter carries a label that does not go to other companies."""


class _Store(CorrespondentStore, MailReads, Protocol): ...


class Labelling:
    """Chooses, checks and writes labels."""

    def __init__(
        self, store: _Store, table: SecurityLabels, reading: ReadingService, keyring: Keyring, clock: Clock
    ) -> None:
        self._clock = clock
        self._store = store
        self._table = table
        self._reading = reading
        self._keyring = keyring

    async def of(self, actor: Actor, account_id: AccountId, header: Header) -> Chosen:
        """Return what a letter of an account carries by its header."""
        labels = await self._table.of(actor.organization_id)
        if not labels:
            return NONE
        marked = security_label.read(header)
        named = [one for name in _NAMING for value in header.all(name) for one in message_ids(value)]
        behind = await self._behind(actor, account_id, named, labels)
        return choose(labels, marked.labels, behind, sensitive=marked.sensitive, reason=marked.reason)

    async def of_stored(self, actor: Actor, account_id: AccountId, summary: Summary) -> Chosen:
        """Return what a stored letter carries. Of a header too long to be kept, only the letters that it answers count."""
        fields = summary.header_fields(_FIELDS)
        if fields is not None:
            return await self.of(actor, account_id, Header(fields))
        labels = await self._table.of(actor.organization_id)
        ids = summary.ids
        behind = await self._behind(actor, account_id, [*ids.in_reply_to, *ids.references], labels) if labels else ()
        return choose(labels, (), behind)

    async def written(self, actor: Actor, chosen: Chosen, block: bytes) -> bytes:
        """Return a header as it leaves: with the label, and its mark in the subject where the company wants one."""
        if chosen.label is None:
            return block
        labels = await self._table.of(actor.organization_id)
        marks = [one.subject_mark for one in labels]
        label = chosen.label
        return security_label.relabelled(block, label.id, label.name, label.subject_mark, marks)

    async def labels(self, actor: Actor) -> Labels:
        """Return the labels that an account chooses from, the lowest first."""
        return await self._table.of(actor.organization_id)

    async def least(self, actor: Actor, account_id: AccountId, named: Sequence[str]) -> str:
        """Return the id of the label below which a letter of an account may not be that names letters by these Message-IDs (without
        angle brackets); "" where there is none.
        """
        labels = await self._table.of(actor.organization_id)
        behind = await self._behind(actor, account_id, named, labels) if labels else ()
        return next((one.id for one in reversed(labels) if one.id in behind), "")

    async def _behind(self, actor: Actor, account_id: AccountId, named: Sequence[str], labels: Labels) -> Sequence[str]:
        """Return the labels of the letters that are named, and of their conversations, as they count now."""
        if not named:
            return ()
        keys = await self._keyring.account_by_id(account_id)
        hashes = [keys.hash(Purpose.MESSAGE_ID, one.encode()) for one in dict.fromkeys(named)]
        threads = await self._store.referring_threads(account_id, hashes, THREADS)
        if not threads:
            return ()
        letters = [message for _, message in await self._store.thread(account_id, threads)][-BEHIND:]
        found, now = list[str](), self._clock.now()
        came = {row.id: row.received_at for row in await self._store.messages(account_id, letters)}
        for number, summary in (await self._reading.summaries(actor, account_id, letters)).items():
            fields = summary.header_fields([security_label.FIELD.lower()])
            since = label_time(came.get(number, now), summary)
            for one in security_label.read(Header(fields)).labels if fields else ():
                label = as_of(labels, one, since, now).label
                found += [] if label is None else [label.id]
        return found


def label_time(received_at: int, summary: Summary) -> int:
    """Return since when a letter has its label, in milliseconds: the later of its Date and when it came here, for an old Date is
    written by anybody and an old time of arrival by an upload.
    """
    return max(received_at, (summary.sent_at or 0) * SECOND)


def check(chosen: Chosen, outside: int) -> bool:
    """Say whether a letter to so many outside needs an approval for its label, or because that is to be lowered. Raises
    LabelStaysInside.
    """
    if not outside or chosen.label is None or chosen.outside != "refuse":
        return chosen.above is not None or bool(outside and chosen.outside == "approve")
    # The id, not the name: an SMTP reply is ASCII (RFC 5321 §4.2.1).
    raise LabelStaysInside(
        f"mail labelled {chosen.label.id} does not leave the company: remove the recipients outside",
        reason="label.lowered" if chosen.lowered else "label.outside", name=chosen.label.name,
    )  # fmt: skip
