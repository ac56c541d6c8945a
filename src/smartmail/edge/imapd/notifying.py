"""NOTIFY: a client hears of changes in many mailboxes without asking (RFC 5465).

Costs a callback per account that is watched, no task. What is told of a mailbox that is not selected is STATUS; of the
mailbox tree, LIST. A hint says only that something changed: what it was is found by comparing with what was told last.
LIMITS  `MAX_MAILBOXES` are compared; a client that asks for more hears NOTIFICATIONOVERFLOW and has to ask again.
"""

from collections.abc import Iterable

from smartmail.edge.imapd import idling
from smartmail.edge.imapd.dialog import Dialog
from smartmail.edge.imapd.fetch import Fetcher
from smartmail.edge.imapd.places import Place, all_places, covers, is_selected
from smartmail.edge.imapd.selected import Selected
from smartmail.edge.imapd.watching import Key, Known, Notifying
from smartmail.proto.imap import commands, wire
from smartmail.proto.imap.commands import EventGroup, Fetch, StatusItem, Where
from smartmail.proto.imap.fetch_items import Item
from smartmail.proto.imap.numbers import NumberSet

MAX_MAILBOXES = 5_000
_MESSAGES = frozenset({"MESSAGENEW", "MESSAGEEXPUNGE", "FLAGCHANGE"})


async def notify(dialog: Dialog, command: commands.Command) -> None:
    assert isinstance(command, commands.Notify)
    dialog.end_notify()
    if not command.groups:
        await dialog.done("nothing will be told")
        return
    places = await all_places(dialog.services, dialog.own())
    if len(places) > MAX_MAILBOXES:
        # RFC 5465 §5.8
        dialog.engine.write(wire.condition(b"OK", "too many mailboxes", b"NOTIFICATIONOVERFLOW"))
        await dialog.done("nothing will be told")
        return
    notifying = Notifying(command.groups, {_key(one): _known(one) for one in places})
    for account_id in sorted({one.account_id for one in places}):
        notifying.ends.append(idling.wait(dialog.services.hints, account_id, dialog.hinted))
    dialog.notifying = notifying
    if command.status:
        for place in places:
            events = _events(notifying, place, dialog) & _MESSAGES
            if events and not is_selected(place, dialog):
                await dialog.write(_status(dialog, place, flags="FLAGCHANGE" in events, first=True))
    await dialog.done("changes will be told")


async def tell(dialog: Dialog) -> None:
    """Write what has changed; the engine is between two commands, or idles. Raises MailboxGoneError."""
    notifying = dialog.notifying
    if notifying is None:
        return
    group = notifying.selected_group()
    if dialog.selected is not None and group is not None and group.events:
        await _tell_selected(dialog, dialog.selected, group)
    places = await all_places(dialog.services, dialog.own())
    pieces = [line for place in places for line in _news(dialog, notifying, place)]
    gone = notifying.known.keys() - {_key(one) for one in places}
    wants_names = any("MAILBOXNAME" in one.events for one in notifying.groups)
    for key in gone:
        known = notifying.known.pop(key)
        if wants_names:
            # RFC 5465 §5.4
            pieces.append(wire.list_line(known.name, ("\\NonExistent",), utf8=dialog.engine.utf8))
    if pieces:
        await dialog.write(b"".join(pieces))


async def _tell_selected(dialog: Dialog, selected: Selected, group: EventGroup) -> None:
    """RFC 5465 §6.1, §6.2: SELECTED-DELAYED keeps EXPUNGE for the next command, as every session does."""
    await selected.sync()
    mode = dialog.mode()
    if mode.recent:
        await selected.claim_recent()
    delayed = group.mailboxes.where is Where.SELECTED_DELAYED
    last = selected.view.highest_uid
    dialog.engine.write(selected.announce())
    dialog.engine.write(selected.updates(None if delayed else "NOTIFY", mode))
    fresh = selected.view.resolve_uids(NumberSet(((last + 1, selected.view.highest_uid),)))
    if group.fetch and selected.view.highest_uid > last:
        items = group.fetch if Item.UID in group.fetch else (Item.UID, *group.fetch)
        fetch = Fetch(NumberSet(()), items, uid=True)
        await Fetcher(dialog.services, selected, fetch, mode).run(fresh, dialog.write)


def _news(dialog: Dialog, notifying: Notifying, place: Place) -> Iterable[bytes]:
    """Yield what is to be told of one mailbox, and note it as told."""
    events = _events(notifying, place, dialog)
    before, now = notifying.known.get(_key(place)), _known(place)
    notifying.known[_key(place)] = now
    if before == now:
        return
    utf8 = dialog.engine.utf8
    if "MAILBOXNAME" in events and (before is None or before.name != now.name):
        line = wire.list_line(now.name, (), utf8=utf8)
        if before is not None:
            # RFC 5465 §5.4 with RFC 9051 §6.3.9.8 OLDNAME
            line = line[:-2] + b' ("OLDNAME" (%b))\r\n' % wire.mailbox(before.name, utf8=utf8)
        yield line
    if "SUBSCRIPTIONCHANGE" in events and before is not None and before.subscribed != now.subscribed:
        yield wire.list_line(now.name, ("\\Subscribed",) if now.subscribed else (), utf8=utf8)
    if not is_selected(place, dialog) and _is_told(events, before, now):
        yield _status(dialog, place, flags="FLAGCHANGE" in events)


def _is_told(events: frozenset[str], before: Known | None, now: Known) -> bool:
    """Whether messages changed in a way that the client wants to hear of."""
    if before is None or not events & _MESSAGES:
        return False
    arrived, count = now.uidnext != before.uidnext, now.messages != before.messages
    return arrived or count or ("FLAGCHANGE" in events and now.modseq != before.modseq)


def _events(notifying: Notifying, place: Place, dialog: Dialog) -> frozenset[str]:
    return frozenset[str]().union(*(one.events for one in notifying.groups if covers(one.mailboxes, place, dialog)))


def _status(dialog: Dialog, place: Place, *, flags: bool, first: bool = False) -> bytes:
    """RFC 5465 §5.1, §5.2: MESSAGES, UIDNEXT, UIDVALIDITY; for FlagChange UNSEEN, which the `first` has in any case, and
    HIGHESTMODSEQ: by it such a change is told of a mailbox that is not selected, whether CONDSTORE is on or not.
    """
    row = place.mailbox.row
    values: dict[StatusItem, int | str] = {
        StatusItem.MESSAGES: row.placements,
        StatusItem.UIDNEXT: row.uidnext,
        StatusItem.UIDVALIDITY: row.uidvalidity,
    }
    if flags or first:
        values[StatusItem.UNSEEN] = row.unseen_placements
    if flags or dialog.engine.condstore:
        values[StatusItem.HIGHESTMODSEQ] = max(1, row.highest_modseq)
    return wire.status_line(place.name, values, utf8=dialog.engine.utf8)


def _key(place: Place) -> Key:
    return place.account_id, place.mailbox.row.id


def _known(place: Place) -> Known:
    row = place.mailbox.row
    return Known(place.name, row.subscribed, row.uidnext, row.placements, row.unseen_placements, row.highest_modseq)
