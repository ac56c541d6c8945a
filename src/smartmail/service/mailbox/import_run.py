"""One run of an import from files: batches, source keys, counts. The command shows what it tells; nothing is kept here.

A message's source key is the source's name, its mailbox there, and which of several equal messages of that mailbox it
is: so it stays the same when files are moved, renamed, converted or read in another order, and true doubles stay two.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from smartmail.domain.errors import MailError
from smartmail.domain.ids import AccountId, MailboxId
from smartmail.domain.principal import Actor
from smartmail.formats.mbox import Rule
from smartmail.service.mailbox.import_files import Found, Skipped, Survey, read
from smartmail.service.mailbox.importing import BATCH, MAX_BATCH_OCTETS, ImportItem, ImportService

SHOWN = 1000
"""Places kept for the report of what failed; beyond it only the counts grow."""


@dataclass(slots=True)
class Tally:
    """Counts of a run. `failed` has (place, reason); `reasons` counts all of them, `ignored` what is no mail."""

    imported: int = 0
    present: int = 0
    inexact: int = 0
    octets: int = 0
    """Of the messages handled so far, with their mbox lines: the measure of progress."""
    failed: list[tuple[str, str]] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)

    @property
    def messages(self) -> int:
        """Return how many messages were handled."""
        return self.imported + self.present + self.failures

    @property
    def failures(self) -> int:
        """Return how many could not be taken."""
        return self.reasons.total()

    def skip(self, skipped: Skipped) -> None:
        """Count something that was not taken."""
        if not skipped.failed:
            self.ignored[skipped.reason] += 1
            return
        self.reasons[skipped.reason] += 1
        if len(self.failed) < SHOWN:
            self.failed.append((skipped.place, skipped.reason))


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person chose: one mailbox for everything, a name for the source, marks, how mbox files quote."""

    mailbox: tuple[str, ...] = ()
    source: str = "files"
    seen: bool = False
    rule: Rule | None = None


class ImportRun:
    """Imports what a survey found into one account."""

    def __init__(
        self,
        service: ImportService,
        actor: Actor,
        choices: Choices,
        told: Callable[[Tally], None] = lambda _tally: None,
    ) -> None:
        self._service = service
        self._actor = actor
        self._choices = choices
        self._told = told
        self._copies: Counter[bytes] = Counter()
        self._mailboxes: dict[tuple[str, ...], MailboxId] = {}
        self.tally = Tally()

    @property
    def _account(self) -> AccountId:
        return self._actor.account_id

    async def run(self, survey: Survey) -> Tally:
        """Import everything. Raises OverQuota, StorageFull, Unavailable: what was committed stays; run again."""
        for skipped in survey.skipped:
            self.tally.skip(skipped)
        for batch in self._batches(survey):
            await self._import(batch)
            self._told(self.tally)
        return self.tally

    def _batches(self, survey: Survey) -> Iterator[list[Found]]:
        batch: list[Found] = []
        octets = 0
        for source in survey.sources:
            for one in read(source, self._choices.rule):
                if isinstance(one, Skipped):
                    self.tally.skip(one)
                    continue
                batch.append(one)
                octets += len(one.octets)
                if len(batch) >= BATCH or octets >= MAX_BATCH_OCTETS:
                    yield batch
                    batch, octets = [], 0
        if batch:
            yield batch

    async def _import(self, batch: Sequence[Found]) -> None:
        items = [await self._item(found) for found in batch]
        results = await self._service.add(self._actor, self._account, items)
        for found, result in zip(batch, results, strict=True):
            self.tally.octets += len(found.octets) + len(found.envelope) + len(found.separator)
            if result.error is not None:
                self.tally.skip(Skipped(found.place, _reason(result.error)))
            elif result.outcome == "imported":
                self.tally.imported += 1
                self.tally.inexact += not result.exact
            else:
                self.tally.present += 1

    async def _item(self, found: Found) -> ImportItem:
        label = self._choices.mailbox or found.label
        names = tuple(dict.fromkeys((*found.names, "$seen"))) if self._choices.seen else found.names
        return ImportItem(
            self._key(label, found.octets), found.octets, await self._mailbox(label), found.received_at, names,
            found.kind, found.envelope, found.separator, found.rule,
        )  # fmt: skip

    def _key(self, label: tuple[str, ...], octets: bytes) -> bytes:
        where = "\0".join((self._choices.source, *label)).encode("utf-8", "surrogateescape")
        same = hashlib.sha256(where + b"\0" + hashlib.sha256(octets).digest()).digest()[:16]
        self._copies[same] += 1
        return where + b"\0%d" % self._copies[same]

    async def _mailbox(self, label: tuple[str, ...]) -> MailboxId:
        if label not in self._mailboxes:
            self._mailboxes[label] = await self._service.mailbox(self._actor, self._account, label)
        return self._mailboxes[label]


def _reason(error: MailError) -> str:
    return f"{error.code}: {error.public}" if error.public else error.code
