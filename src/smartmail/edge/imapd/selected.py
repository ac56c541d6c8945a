"""A selected mailbox: the shared lines of the process and this session's own sequence numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from smartmail.domain.errors import MailError, NotFound
from smartmail.domain.ids import AccountId, MailboxId, ModSeq, Uid
from smartmail.domain.message import ViewEntry
from smartmail.domain.principal import Actor
from smartmail.domain.rights import OWNER
from smartmail.edge.imapd import flags
from smartmail.edge.imapd.caches import caches_of
from smartmail.edge.imapd.recent import Recent
from smartmail.proto.imap import wire
from smartmail.proto.imap.numbers import STAR
from smartmail.proto.imap.view import MailboxView, Ranges
from smartmail.service.catalogue import Services
from smartmail.service.mailbox.mailstore.marking import FlagChange, Flagged
from smartmail.service.mailbox.mailstore.views import KnownChange, SharedView

_RECENT = flags.RECENT.encode("ascii")


class MailboxGoneError(Exception):
    """The selected mailbox was deleted by somebody else."""


@dataclass(frozen=True, slots=True)
class Mode:
    """How changes are told to this client: with modseqs (RFC 7162 §3.1), with VANISHED for EXPUNGE (RFC 7162 §3.2.10),
    by UID alone (RFC 9586), with RECENT (which IMAP4rev2 does not have).
    """

    modseq: bool = False
    vanishing: bool = False
    uid_only: bool = False
    recent: bool = False


class Selected:
    """One selected mailbox of one session. `modseq`: up to where the session's view has come."""

    __slots__ = (
        "_claimed", "_looked_for_tags", "_services", "_tags", "_told_names", "_told_recent", "actor", "modseq",
        "read_only", "recent", "rights", "shared", "texts", "view",
    )  # fmt: skip

    def __init__(
        self, services: Services, actor: Actor, shared: SharedView, *, read_only: bool, rights: frozenset[str] = OWNER
    ) -> None:
        """`rights`: what the actor may do with the mailbox, as RFC 4314 letters."""
        caches = caches_of(services)
        self._services = services
        self.actor = actor
        self.shared = shared
        self.read_only = read_only
        self.rights = rights
        self.texts = caches.flag_texts(shared.account_id)
        self.view = MailboxView(caches.pool(shared).make(shared.uids))
        self.modseq: ModSeq = shared.highest_modseq
        self.recent = Recent()
        self._claimed = 0
        self._told_recent = 0
        self._told_names = 0
        self._tags: frozenset[int] = frozenset()
        self._looked_for_tags = -1

    @property
    def account_id(self) -> AccountId:
        """The account that the mailbox belongs to."""
        return self.shared.account_id

    @property
    def mailbox_id(self) -> MailboxId:
        """The mailbox's id."""
        return self.shared.mailbox_id

    async def sync(self) -> None:
        """Take in what happened since. Raises MailboxGoneError."""
        try:
            await self._services.views.refresh(self.shared)
        except NotFound:
            raise MailboxGoneError from None
        self._catch_up()
        await self.learn_new_keywords()

    def look_at_recent(self, mark: Uid) -> None:
        """What lies above `mark` is recent, and stays so for others: EXAMINE tells nobody (RFC 3501 §6.3.2)."""
        self.recent.add(mark + 1, STAR)

    async def claim_recent(self) -> None:
        """Be the first to be told of what the client is about to hear of, where no other session was.

        RFC 3501 §2.3.2: what cannot be found out now counts as recent.
        """
        upto = Uid(self.view.highest_arrived)
        if self.read_only or upto <= self._claimed:
            return
        before: int = upto
        if self.shared.told_uid < upto:
            try:
                before = await self._services.metadata.claim_recent(self.actor, self.account_id, self.mailbox_id, upto)
                self.shared.told_uid = max(self.shared.told_uid, upto)
            except MailError:
                before = self._claimed
        self.recent.add(max(before, self._claimed) + 1, upto)
        self._claimed = upto

    def recent_line(self) -> bytes:
        """Return RECENT, and count it as told."""
        self._told_recent = self.recent.count(self.view.uids)
        return wire.recent_line(self._told_recent)

    async def learn_new_keywords(self) -> None:
        """Read the spelling of own keywords when a line carries one that this process has not met."""
        if self.shared.highest_tag > self.texts.highest:
            await self.learn_keywords()

    def _catch_up(self) -> None:
        steps = self.shared.steps_since(self.modseq)
        if steps is None:
            self._compare()
        else:
            for step in steps:
                self.view.apply(step.added, step.vanished, step.changed)
        self.modseq = self.shared.highest_modseq

    def _compare(self) -> None:
        """Find out what happened by comparing all lines: the steps are not kept any more."""
        here = set(self.shared.uids)
        known = set(self.view.uids)
        changed = [entry.uid for entry in self.shared.entries if entry.modseq > self.modseq]
        self.view.apply(sorted(here - known), sorted(known - here), changed)

    async def learn_keywords(self) -> None:
        """Read the spelling of own keywords."""
        highest = self.shared.highest_tag
        self.texts.learn(await self._services.keywords.spellings(self.account_id), highest)

    def all_flags(self) -> tuple[str, ...]:
        """Return every flag that a line can carry; of somebody else's mailbox those that lines have carried: the names of
        keywords used elsewhere in the account are not for who sees this mailbox.
        """
        names = self.texts.names
        if self.actor.account_id == self.account_id:
            return (*flags.PERMANENT, *names.values())
        if self._looked_for_tags != self.shared.highest_modseq:
            self._looked_for_tags = self.shared.highest_modseq
            self._tags |= {tag for entry in self.shared.entries for tag in entry.keywords.tags}
        return (*flags.PERMANENT, *(names[tag] for tag in sorted(self._tags) if tag in names))

    def announce(self, *, always: bool = False) -> bytes:
        """Return FLAGS and PERMANENTFLAGS when there are keywords that the client has not been told of.

        RFC 3501 §7.2.6: an update of FLAGS goes before the first response that uses the new keyword.
        """
        own = self.actor.account_id == self.account_id
        count = len(self.texts.names) if own else len(self.all_flags())
        if count == self._told_names and not always:
            return b""
        self._told_names = count
        names = self.all_flags()
        kept = () if self.read_only else [name for name in names if self._may_set(name)]
        code = wire.permanent_flags(kept, any_keyword=not self.read_only and "w" in self.rights)
        return b"* FLAGS " + wire.flags(names) + b"\r\n" + wire.condition(b"OK", "flags kept", code)

    def _may_set(self, flag: str) -> bool:
        """RFC 4314 §4: which right lets a flag be kept."""
        return {"\\Seen": "s", flags.DELETED: "t"}.get(flag, "w") in self.rights

    def uids(self, ranges: Ranges) -> list[Uid]:
        """Return the UIDs of index ranges that are not known to be gone."""
        return cast("list[Uid]", self.view.uids_in(self.view.live(ranges)).tolist())

    def entries(self, ranges: Ranges) -> list[tuple[int, ViewEntry]]:
        """Return (sequence number, line) of the messages in index ranges that still exist."""
        found: list[tuple[int, ViewEntry]] = []
        for start, stop in ranges:
            lines = self.block(start, stop)
            if len(lines) == stop - start:
                found.extend(zip(range(start + 1, stop + 1), lines, strict=True))
            else:
                found.extend((self.view.sequence(line.uid), line) for line in lines)
        return found

    def block(self, start: int, stop: int) -> Sequence[ViewEntry]:
        """Return the lines of one index range that still exist; a line that this session cannot know is left out."""
        uids = self.view.uids
        lines = self.shared.range(Uid(uids[start]), Uid(uids[stop - 1]))
        if len(lines) == stop - start:
            return lines
        return [line for line in lines if self.view.sequence(line.uid)]

    def lines(self, entries: Sequence[ViewEntry]) -> list[ViewEntry | None]:
        """Return the lines as they are now, None for one that is gone."""
        if entries:
            # The usual case, right after a change of our own to a run of messages, costs one look-up.
            now = self.shared.range(entries[0].uid, entries[-1].uid)
            if [line.uid for line in now] == [entry.uid for entry in entries]:
                return list(now)
        return [self.shared.entry(entry.uid) for entry in entries]

    def column(self) -> list[ViewEntry | None]:
        """Return the line of every message by index, None for one that is gone."""
        view, shared = self.view, self.shared
        if not view.gone and self.modseq == shared.highest_modseq and view.count == len(shared.entries):
            return list(shared.entries)
        known = {entry.uid: entry for entry in shared.entries}
        return [known.get(Uid(uid)) for uid in view.uids]

    async def store_flags(self, uids: list[Uid], change: FlagChange, *, unchanged_since: int | None = None) -> Flagged:
        """Change flags of messages. Raises NotFound (the mailbox), Invalid (a keyword), RateLimited (too many)."""
        since = None if unchanged_since is None else ModSeq(unchanged_since)
        messages = self._services.messages
        outcome = await messages.store_flags(
            self.actor, self.account_id, self.mailbox_id, uids, change, unchanged_since=since
        )
        await self.take_in(outcome.known)
        return outcome

    async def take_in(self, known: Sequence[KnownChange]) -> None:
        """Take in what this session has just done. Raises MailboxGoneError."""
        if self._services.views.take_in(self.shared, known):
            self._catch_up()
            await self.learn_new_keywords()
        else:
            await self.sync()

    async def expunge(self, among: Sequence[Uid] | None) -> None:
        """Remove messages marked \\Deleted, all or those among some UIDs (RFC 4315 §2.1)."""
        if among is None:
            uids = [entry.uid for entry in self.shared.entries if entry.deleted]
        else:
            lines = [self.shared.entry(uid) for uid in among]
            uids = [line.uid for line in lines if line is not None and line.deleted]
        if uids:
            known = await self._services.messages.expunge(self.actor, self.account_id, self.mailbox_id, uids)
            await self.take_in(known)

    def updates(self, command_name: str | None, mode: Mode) -> bytes:
        """Return the untagged lines that are due now."""
        due = self.view.updates(command_name)
        if not due:
            return b""
        pieces: list[bytes] = []
        if due.expunged:
            pieces.append(wire.vanished_line(due.vanished) if mode.vanishing else wire.expunge_lines(due.expunged))
        if due.exists is not None:
            pieces.append(wire.exists_line(due.exists))
        if mode.recent and (due.exists is not None or self.recent.count(self.view.uids) != self._told_recent):
            pieces.append(self.recent_line())
        pieces += [
            self.flags_line(number, entry, mode)
            for number, uid in due.flags
            if (entry := self.shared.entry(Uid(uid))) is not None
        ]
        return b"".join(pieces)

    def flag_octets(self, entry: ViewEntry) -> bytes:
        """Return the flags of one line as this session has them."""
        octets = self.texts.octets(entry)
        if entry.uid not in self.recent:
            return octets
        return b"%b %b" % (octets, _RECENT) if octets else _RECENT

    def flag_texts(self, entries: Sequence[ViewEntry]) -> list[str]:
        """Return the flags of many lines."""
        texts, recent = self.texts.many(entries), self.recent
        if not recent or not recent.count([entry.uid for entry in entries]):
            return texts
        return [
            f"{text} {flags.RECENT}".lstrip() if entry.uid in recent else text
            for text, entry in zip(texts, entries, strict=True)
        ]

    def flags_line(self, number: int, entry: ViewEntry, mode: Mode) -> bytes:
        """Return `* n FETCH (UID FLAGS MODSEQ)` for one line, or its UIDFETCH."""
        items = [] if mode.uid_only else [b"UID %d" % entry.uid]
        items.append(b"FLAGS (%b)" % self.flag_octets(entry))
        if mode.modseq:
            items.append(b"MODSEQ (%d)" % entry.modseq)
        return wire.fetch_line(entry.uid if mode.uid_only else number, items, uid_only=mode.uid_only)
