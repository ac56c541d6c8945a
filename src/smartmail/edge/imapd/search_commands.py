"""SEARCH, SORT, THREAD and ESEARCH IN (RFC 3501 §6.4.4, RFC 4731, RFC 5182, RFC 5256, RFC 5267, RFC 7377, RFC 9394)."""

import asyncio
import contextlib
from collections.abc import Iterable, Iterator, Sequence

from smartmail.domain.errors import Forbidden, NotFound
from smartmail.domain.ids import Uid
from smartmail.edge.imapd import searching, sorting
from smartmail.edge.imapd.bounding import bounded_key, refused
from smartmail.edge.imapd.dialog import Dialog
from smartmail.edge.imapd.places import Place, chosen
from smartmail.edge.imapd.progress import Progress
from smartmail.edge.imapd.selected import Selected
from smartmail.proto.imap import commands, threads, wire
from smartmail.proto.imap import search as program
from smartmail.proto.imap.commands import SearchReturn, Window
from smartmail.proto.imap.engine import Status
from smartmail.proto.imap.search_keys import Key, uses_modseq

ASIDE = 1_000
"""Messages above which threads are put together off the event loop."""
_ALL = frozenset({SearchReturn.ALL})


async def _found(dialog: Dialog, selected: Selected, key: Key) -> list[int] | None:
    """Return the indices that match; None: a number was out of range, which is answered."""
    found = await searching.find(dialog.services, selected, key, Progress(dialog))
    if found is None:
        dialog.engine.finish(Status.BAD, "no such message")
    return found


async def search(dialog: Dialog, command: commands.Command) -> None:
    assert isinstance(command, commands.Search)
    selected = dialog.box()
    await selected.sync()
    key, limit = bounded_key(dialog, selected, command.key)
    with _saving(selected, command.returns):
        found = await _found(dialog, selected, key)
    if found is None:
        return
    returns = command.returns
    if returns is None and dialog.engine.rev2:
        # RFC 9051 §6.4.4: the answer is ESEARCH, always.
        returns = _ALL
    _save(selected, found, returns, command.partial)
    numbers = _numbers(selected, found, uid=command.uid)
    modseq = None
    if uses_modseq(command.key):
        modseq = _highest(selected, _told(found, returns, command.partial))
    if returns is None:
        await dialog.write(wire.search_line(numbers, modseq))
    elif returns != {SearchReturn.SAVE}:
        # RFC 5182 §2.1: nothing is told of a result that is only kept.
        line = wire.esearch_line(
            dialog.engine.tag, numbers, returns, uid=command.uid, modseq=modseq, partial=command.partial
        )
        await dialog.write(line)
    await dialog.done("some are left" if limit else "done", limit)


def _numbers(selected: Selected, found: Iterable[int], *, uid: bool) -> list[int]:
    uids = selected.view.uids
    return [uids[at] for at in found] if uid else [at + 1 for at in found]


@contextlib.contextmanager
def _saving(selected: Selected, returns: frozenset[SearchReturn] | None) -> Iterator[None]:
    """RFC 5182 §2.1: a SEARCH with SAVE that fails leaves `$` empty; the program itself may still name `$`."""
    try:
        yield
    except BaseException:
        if returns is not None and SearchReturn.SAVE in returns:
            selected.view.saved = ()
        raise


def _save(
    selected: Selected, found: Sequence[int], returns: frozenset[SearchReturn] | None, partial: Window | None
) -> None:
    """Keep the result as `$` when the client wants it: what MIN, MAX and PARTIAL tell when nothing tells all (RFC 5182
    §2.4, RFC 9394 §3.2).
    """
    if returns is None or SearchReturn.SAVE not in returns:
        return
    uids = selected.view.uids
    selected.view.saved = sorted(uids[at] for at in _told(found, returns, partial))


def _told(
    found: Sequence[int], returns: frozenset[SearchReturn] | None, partial: Window | None = None
) -> Iterable[int]:
    """Return the messages that count for MODSEQ (RFC 7162 §3.1.5, §3.1.10) and for SAVE: those told by MIN, MAX and
    PARTIAL when only these are asked, else all found.
    """
    if returns is None or returns & {SearchReturn.ALL, SearchReturn.COUNT} or returns == {SearchReturn.SAVE}:
        return found
    ends = {*found[: SearchReturn.MIN in returns], *found[len(found) - (SearchReturn.MAX in returns) :]}
    return ends.union(wire.window(found, partial)) if partial is not None else ends


def _highest(selected: Selected, indices: Iterable[int]) -> int | None:
    lines = [selected.shared.entry(Uid(selected.view.uids[at])) for at in indices]
    return max((line.modseq for line in lines if line is not None), default=None)


# -- SORT and THREAD -------------------------------------------------------------------------------------------------


async def sort(dialog: Dialog, command: commands.Command) -> None:
    assert isinstance(command, commands.Sort)
    selected = dialog.box()
    await selected.sync()
    if refused(dialog, program.scope(command.key, selected.view)):
        return
    facts = searching.MailFacts(dialog.services, selected, selected.column())
    with _saving(selected, command.returns):
        found = await searching.find_by(facts, selected, command.key, Progress(dialog))
        if found is None:
            dialog.engine.finish(Status.BAD, "no such message")
            return
        ordered = await sorting.in_order(facts, found, command.criteria)
    _save(selected, ordered, command.returns, command.partial)
    numbers = _numbers(selected, ordered, uid=command.uid)
    modseq = _highest(selected, _told(ordered, command.returns, command.partial)) if uses_modseq(command.key) else None
    if command.returns is None:
        await dialog.write(wire.sort_line(numbers, modseq))
    elif command.returns != {SearchReturn.SAVE}:
        line = wire.esearch_line(
            dialog.engine.tag, numbers, command.returns, uid=command.uid, modseq=modseq, partial=command.partial
        )
        await dialog.write(line)
    await dialog.done()


async def thread(dialog: Dialog, command: commands.Command) -> None:
    assert isinstance(command, commands.Thread)
    selected = dialog.box()
    await selected.sync()
    if refused(dialog, program.scope(command.key, selected.view)):
        return
    facts = searching.MailFacts(dialog.services, selected, selected.column())
    found = await searching.find_by(facts, selected, command.key, Progress(dialog))
    if found is None:
        dialog.engine.finish(Status.BAD, "no such message")
        return
    uids = selected.view.uids
    messages = await sorting.threaded(facts, found, lambda at: uids[at] if command.uid else at + 1)
    ordered = command.method is commands.ThreadMethod.ORDEREDSUBJECT
    work = threads.ordered_subject if ordered else threads.references
    text = await asyncio.to_thread(work, messages) if len(messages) > ASIDE else work(messages)
    await dialog.write(wire.thread_line(text))
    await dialog.done()


# -- several mailboxes -----------------------------------------------------------------------------------------------


async def multi_search(dialog: Dialog, command: commands.Command) -> None:
    """RFC 7377 §2.1: one ESEARCH for each mailbox in which something is found."""
    assert isinstance(command, commands.MultiSearch)
    if dialog.selected is not None:
        await dialog.selected.sync()
    places = await chosen(dialog, command.filters)
    limited = [await _search_place(dialog, place, command) for place in places]
    # RFC 9738 §3.1: one UID could not tell of several mailboxes.
    await dialog.done("done", b"MESSAGELIMIT %d" % dialog.config.max_messages if any(limited) else b"")


async def _search_place(dialog: Dialog, place: Place, command: commands.MultiSearch) -> bool:
    """Search one mailbox; say whether a part of it was left out."""
    services, row = dialog.services, place.mailbox.row
    selected = dialog.selected
    if selected is None or (selected.account_id, selected.mailbox_id) != (place.account_id, row.id):
        try:
            shared = await services.views.open(dialog.own(), place.account_id, row.id)
        except (NotFound, Forbidden):
            # RFC 7377 §2.1: what cannot be searched is passed over.
            return False
        selected = Selected(services, dialog.own(), shared, read_only=True)
        selected.look_at_recent(row.recent_uid)
        await selected.learn_new_keywords()
    key, limit = bounded_key(dialog, selected, command.key)
    found = await searching.find(services, selected, key, Progress(dialog))
    if not found:
        return bool(limit)
    if SearchReturn.SAVE in command.returns:
        _save(selected, found, command.returns, command.partial)
    if command.returns == {SearchReturn.SAVE}:
        # RFC 5182 §2.1: nothing is told of a result that is only kept.
        return bool(limit)
    modseq = _highest(selected, _told(found, command.returns, command.partial)) if uses_modseq(command.key) else None
    source = b"MAILBOX %b UIDVALIDITY %d" % (wire.mailbox(place.name, utf8=dialog.engine.utf8), row.uidvalidity)
    numbers = _numbers(selected, found, uid=True)
    line = wire.esearch_line(
        dialog.engine.tag, numbers, command.returns, uid=True, modseq=modseq, partial=command.partial, source=source
    )
    await dialog.write(line)
    return bool(limit)
