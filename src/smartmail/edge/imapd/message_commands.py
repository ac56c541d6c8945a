"""FETCH, SEARCH, STORE, COPY, MOVE, EXPUNGE on the selected mailbox (RFC 3501 §6.4 and extensions)."""

from collections.abc import Iterable, Sequence

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import Uid
from smartmail.domain.keywords import SEEN
from smartmail.domain.message import ViewEntry
from smartmail.edge.imapd import flags, searching
from smartmail.edge.imapd.dialog import Dialog
from smartmail.edge.imapd.fetch import AnswerBrokenError, Fetcher
from smartmail.edge.imapd.names import path_of
from smartmail.edge.imapd.selected import Selected
from smartmail.proto.imap import commands, wire
from smartmail.proto.imap.commands import SearchReturn
from smartmail.proto.imap.engine import Status
from smartmail.proto.imap.search_keys import uses_modseq
from smartmail.proto.imap.view import Ranges
from smartmail.service.mailstore.marking import Flagged, FlagMode

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
    ranges = selected.view.live(ranges)
    changed = await _mark_seen(selected, command, ranges)
    dialog.engine.write(selected.announce())
    fetcher = Fetcher(dialog.services, selected, command, condstore=dialog.engine.condstore)
    try:
        await fetcher.run(ranges, dialog.write, changed)
    except AnswerBrokenError:
        # Whatever we said now would be taken for octets of the message.
        dialog.wire.abort()
        return
    selected.view.unchanged(changed)
    await dialog.tell()
    if any(selected.shared.entry(uid) is not None for uid in fetcher.unread):
        dialog.engine.finish(Status.NO, "some messages could not be read; try again later", b"UNAVAILABLE")
    else:
        # RFC 2180 §4.1.2: a message that has gone meanwhile is simply not answered.
        dialog.engine.finish(Status.OK, "done")


async def _mark_seen(selected: Selected, command: commands.Fetch, ranges: Ranges) -> frozenset[int]:
    """Set \\Seen where a body is about to be told (RFC 3501 §6.4.5); return the UIDs that changed."""
    if not command.sets_seen or selected.read_only:
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


# -- SEARCH ----------------------------------------------------------------------------------------------------------


async def search(dialog: Dialog, command: commands.Command) -> None:
    assert isinstance(command, commands.Search)
    selected = dialog.box()
    await selected.sync()
    found = await searching.find(dialog.services, selected, command.key)
    if found is None:
        _no_such(dialog)
        return
    uids = selected.view.uids
    numbers = [uids[at] for at in found] if command.uid else [at + 1 for at in found]
    modseq = None
    if uses_modseq(command.key):
        modseq = _highest(selected, _told(found, command.returns))
    if command.returns is None:
        line = wire.search_line(numbers, modseq)
    else:
        line = wire.esearch_line(dialog.engine.tag, numbers, command.returns, uid=command.uid, modseq=modseq)
    await dialog.write(line)
    await dialog.done()


def _told(found: list[int], returns: frozenset[SearchReturn] | None) -> Iterable[int]:
    """Return the messages whose modseqs count (RFC 7162 §3.1.5, §3.1.10): those told by MIN and MAX, else all found."""
    if returns is None or returns & {SearchReturn.ALL, SearchReturn.COUNT}:
        return found
    return {*found[: SearchReturn.MIN in returns], *found[len(found) - (SearchReturn.MAX in returns) :]}


def _highest(selected: Selected, indices: Iterable[int]) -> int | None:
    lines = [selected.shared.entry(Uid(selected.view.uids[at])) for at in indices]
    return max((line.modseq for line in lines if line is not None), default=None)


# -- STORE -----------------------------------------------------------------------------------------------------------


async def store(dialog: Dialog, command: commands.Command) -> None:
    assert isinstance(command, commands.Store)
    selected = dialog.writable()
    await selected.sync()
    ranges = selected.view.resolve(command.numbers, uid=command.uid)
    if ranges is None:
        _no_such(dialog)
        return
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
    code = b""
    if outcome.modified:
        numbers = outcome.modified if command.uid else map(selected.view.sequence, outcome.modified)
        code = wire.modified(sorted(numbers))
    dialog.engine.finish(Status.OK, "some had changed" if code else "done", code)


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
    modseq = dialog.engine.condstore
    lines = [line for line in selected.lines(entries) if line is not None]
    numbers = [selected.view.sequence(line.uid) for line in lines]
    template = "UID %d FLAGS (%s)" if uid or modseq else "FLAGS (%s)"
    columns: list[Sequence[int] | Sequence[str]] = [selected.texts.many(lines)]
    if uid or modseq:
        columns.insert(0, [line.uid for line in lines])
    if modseq:
        template += " MODSEQ (%d)"
        columns.append([line.modseq for line in lines])
    for piece in wire.fetch_columns(numbers, template, columns):
        await dialog.write(piece)
    return [line.uid for line in lines]


async def _tell_modseqs(dialog: Dialog, selected: Selected, entries: list[ViewEntry]) -> None:
    """After a silent STORE only the modseq is told, with CONDSTORE on (RFC 7162 §3.1.3)."""
    numbers = [selected.view.sequence(entry.uid) for entry in entries]
    uids, modseqs = [entry.uid for entry in entries], [entry.modseq for entry in entries]
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
    await dialog.done("moved")


async def _transfer(dialog: Dialog, selected: Selected, uids: list[Uid], name: str, *, moves: bool) -> bytes:
    """Copy or move; return COPYUID, empty when nothing was there to copy. Raises NotFound."""
    actor, account_id, services = selected.actor, selected.account_id, dialog.services
    target = await services.mailboxes.find(actor, account_id, path_of(name))
    if not uids:
        return b""
    work = services.messages.move if moves else services.messages.copy
    copied = await work(actor, account_id, selected.mailbox_id, uids, target.row.id)
    await selected.take_in(copied.known)
    return wire.copy_uid(copied.uidvalidity, copied.source, copied.target) if copied.source else b""


async def expunge(dialog: Dialog, command: commands.Command) -> None:
    assert isinstance(command, commands.Expunge)
    selected = dialog.writable()
    await selected.sync()
    among = None
    if command.uids is not None:
        among = selected.uids(selected.view.resolve_uids(command.uids))
    await selected.expunge(among)
    await dialog.done("expunged")
