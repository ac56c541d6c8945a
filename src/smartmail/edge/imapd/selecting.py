"""SELECT, EXAMINE, CLOSE, UNSELECT (RFC 3501 §6.3.1, §6.3.2, §6.4.2, RFC 3691, RFC 7162 §3.1.2, §3.2.5, RFC 9051 §6.3.2)."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from smartmail.domain.ids import ModSeq
from smartmail.domain.keywords import SEEN
from smartmail.domain.mailbox import MailboxRow
from smartmail.domain.message import ViewEntry
from smartmail.edge.imapd.dialog import Dialog
from smartmail.edge.imapd.places import locate, mailbox_code
from smartmail.edge.imapd.selected import Selected
from smartmail.proto.imap import commands, wire
from smartmail.proto.imap.engine import Status
from smartmail.proto.imap.numbers import STAR, NumberSet, compact_ranges

_CHANGING = frozenset("swite")


async def select(dialog: Dialog, command: commands.Command) -> None:
    assert isinstance(command, commands.Select)
    dialog.selected = None
    actor, services = dialog.own(), dialog.services
    place = await locate(services, actor, command.mailbox)
    rights = await services.sharing.my_rights(actor, place.account_id, place.mailbox.row.id)
    shared = await services.views.open(actor, place.account_id, place.mailbox.row.id)
    # RFC 4314 §5.2: READ-ONLY to who may change nothing in it.
    read_only = command.read_only or not rights & _CHANGING
    selected = Selected(services, actor, shared, read_only=read_only, rights=rights)
    # With awaits below, the shared lines may move on; this session's numbers are those of the line above.
    engine = dialog.engine
    if not engine.rev2:
        await _recent(selected, place.mailbox.row)
    # RFC 9586 §3.2: UNSEEN would name a sequence number.
    opening = _opening(selected, place.mailbox.row, rev2=engine.rev2, unseen=not (engine.rev2 or engine.uid_only))
    lines = list(shared.entries) if command.resync is not None else []
    await selected.learn_keywords()
    dialog.selected = selected
    if dialog.engine.rev2:
        # RFC 9051 §6.3.2: the name as the server spells it.
        opening += wire.list_line(place.name, (), utf8=dialog.engine.utf8)
    dialog.engine.write(selected.announce(always=True) + opening)
    if command.resync is not None and command.resync.uidvalidity == place.mailbox.row.uidvalidity:
        # RFC 7162 §3.2.5.1: under another UIDVALIDITY nothing that the client knows is worth a word.
        await _resync(dialog, selected, command.resync, lines)
    code = b"READ-ONLY" if read_only else b"READ-WRITE"
    dialog.engine.finish(Status.OK, f"{place.name} selected", code)


async def _recent(selected: Selected, row: MailboxRow) -> None:
    if selected.read_only:
        selected.look_at_recent(row.recent_uid)
        return
    selected.shared.told_uid = max(selected.shared.told_uid, row.recent_uid)
    await selected.claim_recent()


def _opening(selected: Selected, row: MailboxRow, *, rev2: bool, unseen: bool) -> bytes:
    """Return what a client is told of a mailbox that it opens, flags apart."""
    view = selected.view
    # RFC 9051 appendix E: IMAP4rev2 knows neither RECENT nor UNSEEN.
    first_unseen = _first_unseen(selected) if unseen else 0
    codes = [(b"UNSEEN %d" % first_unseen, "first unseen")] if first_unseen else []
    codes += [
        (b"UIDVALIDITY %d" % row.uidvalidity, "UIDs valid"),
        (b"UIDNEXT %d" % max(row.uidnext, view.highest_uid + 1), "predicted next UID"),
        (b"HIGHESTMODSEQ %d" % max(1, selected.modseq), "highest"),
        (f"MAILBOXID ({mailbox_code(selected.actor, selected.account_id, row.id)})".encode("ascii"), "id"),
    ]
    lines = [wire.exists_line(view.count)]
    if not rev2:
        lines.append(selected.recent_line())
    lines += [wire.condition(b"OK", words, code) for code, words in codes]
    return b"".join(lines)


def _first_unseen(selected: Selected) -> int:
    """Return the number of the first message without \\Seen, 0 when there is none."""
    for number, entry in enumerate(selected.shared.entries, 1):
        if not entry.keywords.bits & SEEN:
            return number
    return 0


# -- QRESYNC ---------------------------------------------------------------------------------------------------------


async def _resync(dialog: Dialog, selected: Selected, resync: commands.Resync, lines: Sequence[ViewEntry]) -> None:
    """Tell what vanished and what changed since the client was last here (RFC 7162 §3.2.5.1)."""
    gone = await vanished(dialog, selected, ModSeq(resync.modseq), resync.known, _first_doubt(selected, resync))
    if gone:
        await dialog.write(b"* VANISHED (EARLIER) %b\r\n" % gone)
    known = None if resync.known is None else resync.known.resolve(selected.view.highest_uid)
    changed = [line for line in lines if line.modseq > resync.modseq]
    if known is not None:
        changed = [line for line in changed if _in(known, line.uid)]
    mode = dialog.mode()
    for start in range(0, len(changed), wire.CHUNK):
        block = changed[start : start + wire.CHUNK]
        told = [selected.flags_line(selected.view.sequence(line.uid), line, mode) for line in block]
        await dialog.write(b"".join(told))


async def vanished(dialog: Dialog, selected: Selected, since: ModSeq, among: NumberSet | None, first: int = 1) -> bytes:
    """Return the UIDs from `first` on that left the mailbox after `since`, as a set, empty for none. Raises NotFound.

    When the change log does not reach back that far, every UID that is not there is named (RFC 7162 §3.2.5.2).
    """
    view = selected.view
    changes = await dialog.services.views.changes(selected.actor, selected.account_id, selected.mailbox_id, since)
    ranges = None if among is None else among.resolve(max(view.highest_uid, selected.shared.row.uidnext - 1))
    if changes.complete:
        gone = [uid for uid in changes.vanished if uid >= first and not view.sequence(uid)]
        if among is not None:
            # `*` is the last UID that ever was: it may have vanished itself, and the row at hand may be an older one.
            asked = among.resolve(STAR)
            gone = [uid for uid in gone if _in(asked, uid)]
        return wire.numbers(gone)
    if ranges is None:
        ranges = [(1, selected.shared.row.uidnext - 1)]
    holes = _holes(view.uids, [(max(low, first), high) for low, high in ranges if high >= first])
    return compact_ranges(holes).encode("ascii")


def _in(ranges: Sequence[tuple[int, int]], number: int) -> bool:
    """Whether a number lies in one of sorted, disjoint ranges."""
    at = bisect_right(ranges, (number, STAR)) - 1
    return at >= 0 and number <= ranges[at][1]


def _holes(uids: Sequence[int], ranges: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the parts of sorted ranges in which no UID lies."""
    at = 0
    for start, high in ranges:
        low = start
        while at < len(uids) and uids[at] < low:
            at += 1
        while at < len(uids) and uids[at] <= high:
            if uids[at] > low:
                yield low, uids[at] - 1
            low = uids[at] + 1
            at += 1
        if low <= high:
            yield low, high


def _first_doubt(selected: Selected, resync: commands.Resync) -> int:
    """Return the first UID about which the client may be wrong: below, its numbers and UIDs agree with ours (RFC 7162
    §3.2.5.2).
    """
    if resync.matches is None:
        return 1
    first = 1
    numbers, uids = (_expand(one) for one in resync.matches)
    for number, uid in zip(numbers, uids, strict=False):
        if selected.view.uid(number) != uid:
            break
        first = uid + 1
    return first


def _expand(numbers: NumberSet) -> Iterator[int]:
    for low, high in numbers.ranges:
        yield from range(low, high + 1)


# -- leaving ---------------------------------------------------------------------------------------------------------


async def close(dialog: Dialog, _command: commands.Command) -> None:
    selected = dialog.box()
    if not selected.read_only and "e" in selected.rights:
        # RFC 3501 §6.4.2: messages marked \\Deleted go without EXPUNGE being told.
        await selected.sync()
        await selected.expunge(None)
    dialog.selected = None
    dialog.engine.finish(Status.OK, "closed")


async def unselect(dialog: Dialog, _command: commands.Command) -> None:
    dialog.selected = None
    dialog.engine.finish(Status.OK, "unselected")
