"""FETCH, STORE, COPY, MOVE, EXPUNGE on the selected mailbox (RFC 3501 §6.4 and extensions)."""

from collections.abc import Sequence

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import ModSeq, Uid
from smartmail.domain.keywords import SEEN
from smartmail.domain.message import ViewEntry
from smartmail.edge.imapd import flags
from smartmail.edge.imapd.bounding import bounded, refused
from smartmail.edge.imapd.dialog import Dialog
from smartmail.edge.imapd.fetch import AnswerBrokenError, Fetcher
from smartmail.edge.imapd.places import locate
from smartmail.edge.imapd.selected import Selected
from smartmail.edge.imapd.selecting import vanished
from smartmail.proto.imap import commands, wire
from smartmail.proto.imap.engine import Status
from smartmail.proto.imap.view import Ranges
from smartmail.service.mailbox.mailstore.marking import Flagged, FlagMode

_MODES: dict[commands.StoreMode, FlagMode] = {
    commands.StoreMode.ADD: "add", commands.StoreMode.REMOVE: "remove", commands.StoreMode.REPLACE: "replace",
}  # fmt: skip


def _no_such(dialog: Dialog) -> None:
    dialog.engine.finish(Status.BAD, "no such message")


# -- FETCH -----------------------------------------------------------------------------------------------------------


async def fetch(dialog: Dialog, command: commands.Command) -> None:
    assert isinstance(command, commands.Fetch)
    selected = dialog.box()
    await selected.sync()
    ranges = selected.view.resolve(command.numbers, uid=command.uid)
    if ranges is None:
        _no_such(dialog)
        return
    if command.vanished:
        # RFC 7162 §3.2.6: before the FETCH responses.
        gone = await vanished(dialog, selected, ModSeq(command.changed_since or 0), command.numbers)
        if gone:
            await dialog.write(b"* VANISHED (EARLIER) %b\r\n" % gone)
    ranges, limit = bounded(dialog, selected, _window(selected, command, selected.view.live(ranges)))
    changed = await _mark_seen(selected, command, ranges)
    dialog.engine.write(selected.announce())
    fetcher = Fetcher(dialog.services, selected, command, dialog.mode())
    try:
        await fetcher.run(ranges, dialog.write, changed)
    except AnswerBrokenError:
        # Whatever we said now would be taken for octets of the message.
        dialog.wire.abort()
        return
    selected.view.unchanged(changed)
    await dialog.tell()
    if fetcher.unknown_encoding:
        # RFC 3516 §4.3
        dialog.engine.finish(Status.NO, "a part has an unknown transfer encoding", b"UNKNOWN-CTE")
    elif any(selected.shared.entry(uid) is not None for uid in fetcher.unread):
        dialog.engine.finish(Status.NO, "some messages could not be read; try again later", b"UNAVAILABLE")
    else:
        # RFC 2180 §4.1.2: a message that has gone meanwhile is simply not answered.
        dialog.engine.finish(Status.OK, "some are left" if limit else "done", limit)


def _window(selected: Selected, command: commands.Fetch, ranges: Ranges) -> Ranges:
    """Return the part of the messages that PARTIAL names (RFC 9394 §3.3), those that CHANGEDSINCE leaves out not
    counted.
    """
    if command.partial is None:
        return ranges
    since = command.changed_since or 0
    numbers = [number for number, entry in selected.entries(ranges) if entry.modseq > since]
    return [(number - 1, number) for number in wire.window(numbers, command.partial)]


async def _mark_seen(selected: Selected, command: commands.Fetch, ranges: Ranges) -> frozenset[int]:
    """Set \\Seen where a body is about to be told (RFC 3501 §6.4.5); return the UIDs that changed."""
    if not command.sets_seen or selected.read_only or "s" not in selected.rights:
        return frozenset()
    since = command.changed_since or 0
    uids = [
        entry.uid
        for _number, entry in selected.entries(ranges)
        if not entry.keywords.bits & SEEN and entry.modseq > since
    ]
    if not uids:
        return frozenset()
    await selected.store_flags(uids, flags.change_of("add", ["\\Seen"]))
    return frozenset(uids)


# -- STORE -----------------------------------------------------------------------------------------------------------


async def store(dialog: Dialog, command: commands.Command) -> None:
    assert isinstance(command, commands.Store)
    selected = dialog.writable()
    await selected.sync()
    ranges = selected.view.resolve(command.numbers, uid=command.uid)
    if ranges is None:
        _no_such(dialog)
        return
    ranges, limit = bounded(dialog, selected, selected.view.live(ranges))
    uids = selected.uids(ranges)
    known, untold = selected.modseq, selected.view.dirty
    change = flags.change_of(_MODES[command.mode], command.flags)
    outcome = await selected.store_flags(uids, change, unchanged_since=command.unchanged_since)
    dialog.engine.write(selected.announce())
    if command.silent:
        # RFC 3501 §6.4.6: what somebody else changed is told all the same.
        ours = _only_ours(selected, outcome, known)
        if dialog.engine.condstore:
            await _tell_modseqs(dialog, selected, outcome.entries)
        selected.view.unchanged(ours - untold)
    else:
        told = await _tell_flags(dialog, selected, outcome.entries, uid=command.uid)
        selected.view.unchanged(told)
    await dialog.tell()
    if not outcome.modified:
        dialog.engine.finish(Status.OK, "some are left" if limit else "done", limit)
        return
    if limit:
        # An answer has one code: the other goes before it.
        dialog.engine.write(wire.condition(b"OK", "some are left", limit))
    numbers = outcome.modified if command.uid else map(selected.view.sequence, outcome.modified)
    dialog.engine.finish(Status.OK, "some had changed", wire.modified(sorted(numbers)))


def _only_ours(selected: Selected, outcome: Flagged, known: int) -> frozenset[int]:
    """Return UIDs whose lines changed since `known` by this STORE alone."""
    lines = selected.lines(outcome.entries)
    return frozenset(
        now.uid
        for before, now, line in zip(outcome.before, outcome.entries, lines, strict=True)
        if before.modseq <= known and line is not None and line.modseq == now.modseq
    )


async def _tell_flags(dialog: Dialog, selected: Selected, entries: list[ViewEntry], *, uid: bool) -> list[Uid]:
    """Write the flags as they are now; return the UIDs told."""
    modseq, uid_only = dialog.engine.condstore, dialog.engine.uid_only
    lines = [line for line in selected.lines(entries) if line is not None]
    uids = [line.uid for line in lines]
    numbers = uids if uid_only else selected.view.sequences(uids)
    with_uid = (uid or modseq) and not uid_only
    template = "UID %d FLAGS (%s)" if with_uid else "FLAGS (%s)"
    columns: list[Sequence[int] | Sequence[str]] = [selected.flag_texts(lines)]
    if with_uid:
        columns.insert(0, uids)
    if modseq:
        template += " MODSEQ (%d)"
        columns.append([line.modseq for line in lines])
    for piece in wire.fetch_columns(numbers, template, columns, uid_only=uid_only):
        await dialog.write(piece)
    return uids


async def _tell_modseqs(dialog: Dialog, selected: Selected, entries: list[ViewEntry]) -> None:
    """After a silent STORE only the modseq is told, with CONDSTORE on (RFC 7162 §3.1.3)."""
    uids, modseqs = [entry.uid for entry in entries], [entry.modseq for entry in entries]
    if dialog.engine.uid_only:
        for piece in wire.fetch_columns(uids, "MODSEQ (%d)", (modseqs,), uid_only=True):
            await dialog.write(piece)
        return
    numbers = [selected.view.sequence(entry.uid) for entry in entries]
    for piece in wire.fetch_columns(numbers, "UID %d MODSEQ (%d)", (uids, modseqs)):
        await dialog.write(piece)


# -- COPY, MOVE, EXPUNGE ---------------------------------------------------------------------------------------------


async def copy(dialog: Dialog, command: commands.Command) -> None:
    assert isinstance(command, commands.Copy | commands.Move)
    moves = isinstance(command, commands.Move)
    selected = dialog.writable() if moves else dialog.box()
    await selected.sync()
    ranges = selected.view.resolve(command.numbers, uid=command.uid)
    if ranges is None:
        _no_such(dialog)
        return
    # RFC 3501 §6.4.7: COPY is all or nothing, MOVE is not (RFC 6851 §3.3).
    ranges, limit = selected.view.live(ranges), b""
    if moves:
        ranges, limit = bounded(dialog, selected, ranges)
    elif refused(dialog, ranges):
        return
    try:
        code = await _transfer(dialog, selected, selected.uids(ranges), command.mailbox, moves=moves)
    except NotFound:
        # RFC 3501 §6.4.7
        dialog.engine.finish(Status.NO, "no such mailbox", b"TRYCREATE")
        return
    if not moves:
        await dialog.done("copied", code)
        return
    if code:
        # RFC 6851 §4.3: COPYUID goes before the EXPUNGEs, in an untagged OK.
        dialog.engine.write(wire.condition(b"OK", "moved", code))
    await dialog.done("moved", limit or _highest_code(dialog, selected))


async def _transfer(dialog: Dialog, selected: Selected, uids: list[Uid], name: str, *, moves: bool) -> bytes:
    """Copy or move; return COPYUID, empty when nothing was there to copy. Raises NotFound."""
    actor, account_id, services = selected.actor, selected.account_id, dialog.services
    target = await locate(services, actor, name)
    if not uids:
        return b""
    source_id, target_id = selected.mailbox_id, target.mailbox.row.id
    if target.account_id == account_id:
        work = services.messages.move if moves else services.messages.copy
        copied = await work(actor, account_id, source_id, uids, target_id)
        await selected.take_in(copied.known)
    else:
        carry = services.carrying.move if moves else services.carrying.copy
        copied = await carry(actor, account_id, source_id, uids, target.account_id, target_id)
        await selected.sync()
    return wire.copy_uid(copied.uidvalidity, copied.source, copied.target) if copied.source else b""


async def expunge(dialog: Dialog, command: commands.Command) -> None:
    assert isinstance(command, commands.Expunge)
    selected = dialog.writable()
    await selected.sync()
    among, limit = None, b""
    if command.uids is not None:
        ranges, limit = bounded(dialog, selected, selected.view.live(selected.view.resolve_uids(command.uids)))
        among = selected.uids(ranges)
    await selected.expunge(among)
    await dialog.done("expunged", limit or _highest_code(dialog, selected))


def _highest_code(dialog: Dialog, selected: Selected) -> bytes:
    """RFC 7162 §3.2.7: a client with QRESYNC hears up to where its picture goes once messages have vanished."""
    return b"HIGHESTMODSEQ %d" % max(1, selected.modseq) if "QRESYNC" in dialog.engine.enabled else b""
