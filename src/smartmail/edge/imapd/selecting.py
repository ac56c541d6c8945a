"""SELECT, EXAMINE, CLOSE, UNSELECT (RFC 3501 §6.3.1, §6.3.2, §6.4.2, RFC 3691, RFC 7162 §3.1.2)."""

from smartmail.domain.keywords import SEEN
from smartmail.domain.mailbox import MailboxRow
from smartmail.edge.imapd.dialog import Dialog
from smartmail.edge.imapd.names import name_of, path_of
from smartmail.edge.imapd.selected import Selected
from smartmail.proto.imap import commands, wire
from smartmail.proto.imap.engine import Status


async def select(dialog: Dialog, command: commands.Command) -> None:
    assert isinstance(command, commands.Select)
    dialog.selected = None
    actor, services = dialog.own(), dialog.services
    mailbox = await services.mailboxes.find(actor, actor.account_id, path_of(command.mailbox))
    shared = await services.views.open(actor, actor.account_id, mailbox.row.id)
    selected = Selected(services, actor, shared, read_only=command.read_only)
    # With awaits below, the shared lines may move on; this session's numbers are those of the line above.
    opening = _opening(selected, mailbox.row)
    await selected.learn_keywords()
    dialog.selected = selected
    dialog.engine.write(selected.announce(always=True) + opening)
    code = b"READ-ONLY" if command.read_only else b"READ-WRITE"
    dialog.engine.finish(Status.OK, f"{name_of(mailbox)} selected", code)


def _opening(selected: Selected, row: MailboxRow) -> bytes:
    """Return what a client is told of a mailbox that it opens, flags apart."""
    view = selected.view
    first_unseen = _first_unseen(selected)
    codes = [(b"UNSEEN %d" % first_unseen, "first unseen")] if first_unseen else []
    codes += [
        (b"UIDVALIDITY %d" % row.uidvalidity, "UIDs valid"),
        (b"UIDNEXT %d" % max(row.uidnext, view.highest_uid + 1), "predicted next UID"),
        (b"HIGHESTMODSEQ %d" % max(1, selected.modseq), "highest"),
        (b"MAILBOXID (F%d)" % row.id, "id"),
    ]
    lines = [wire.exists_line(view.count), wire.recent_line(0)]
    lines += [wire.condition(b"OK", words, code) for code, words in codes]
    return b"".join(lines)


def _first_unseen(selected: Selected) -> int:
    """Return the number of the first message without \\Seen, 0 when there is none."""
    for number, entry in enumerate(selected.shared.entries, 1):
        if not entry.keywords.bits & SEEN:
            return number
    return 0


async def close(dialog: Dialog, _command: commands.Command) -> None:
    selected = dialog.box()
    if not selected.read_only:
        # RFC 3501 §6.4.2: messages marked \Deleted go without EXPUNGE being told.
        await selected.sync()
        await selected.expunge(None)
    dialog.selected = None
    dialog.engine.finish(Status.OK, "closed")


async def unselect(dialog: Dialog, _command: commands.Command) -> None:
    dialog.selected = None
    dialog.engine.finish(Status.OK, "unselected")
