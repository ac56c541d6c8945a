"""GETMETADATA, SETMETADATA and METADATA in LIST (RFC 5464, RFC 9590)."""

from collections.abc import Mapping, Sequence

from smartmail.domain.errors import RateLimited, TooLarge
from smartmail.domain.ids import AccountId, MailboxId
from smartmail.domain.principal import Actor
from smartmail.edge.imapd.dialog import Dialog
from smartmail.edge.imapd.places import Place, locate
from smartmail.proto.imap import commands, wire
from smartmail.proto.imap.engine import Status
from smartmail.service.catalogue import Services
from smartmail.service.kernel.metadata import MAX_VALUE, SERVER


async def _target(dialog: Dialog, name: str) -> tuple[AccountId, MailboxId, str]:
    if not name:
        return dialog.own().account_id, SERVER, ""
    place = await locate(dialog.services, dialog.own(), name)
    return place.account_id, place.mailbox.row.id, place.name


async def get(dialog: Dialog, command: commands.Command) -> None:
    assert isinstance(command, commands.GetMetadata)
    account_id, mailbox_id, name = await _target(dialog, command.mailbox)
    held = await dialog.services.metadata.entries(dialog.own(), account_id, mailbox_id)
    wanted: dict[str, bytes | None] = {}
    for entry in command.entries:
        if command.depth == 0 or entry in held:
            wanted[entry] = held.get(entry)
        wanted.update((one, held[one]) for one in sorted(held) if _is_below(one, entry, command.depth))
    longest = 0
    if command.max_size is not None:
        long = [one for one, value in wanted.items() if value is not None and len(value) > command.max_size]
        longest = max((len(held[one]) for one in long), default=0)
        wanted = {one: value for one, value in wanted.items() if one not in long}
    if wanted:
        await dialog.write(_line(name, wanted, utf8=dialog.engine.utf8))
    # RFC 5464 §4.2.1
    await dialog.done("done", b"METADATA LONGENTRIES %d" % longest if longest else b"")


def _is_below(name: str, entry: str, depth: int | None) -> bool:
    """RFC 5464 §4.2.2: one level below, or all (None)."""
    if depth == 0 or not name.startswith(entry + "/"):
        return False
    return depth is None or "/" not in name[len(entry) + 1 :]


def _line(mailbox: str, values: Mapping[str, bytes | None], *, utf8: bool) -> bytes:
    """Return `* METADATA mailbox (entry value …)` (RFC 5464 §4.4.1)."""
    pairs = b" ".join(b"%b %b" % (wire.astring(name.encode()), _value(value)) for name, value in values.items())
    told = wire.mailbox(mailbox, utf8=utf8) if mailbox else b'""'
    return b"* METADATA %b (%b)\r\n" % (told, pairs)


def _value(value: bytes | None) -> bytes:
    return wire.literal8(value) if value is not None and b"\x00" in value else wire.nstring(value)


async def put(dialog: Dialog, command: commands.Command) -> None:
    assert isinstance(command, commands.SetMetadata)
    account_id, mailbox_id, _name = await _target(dialog, command.mailbox)
    try:
        await dialog.services.metadata.change(dialog.own(), account_id, mailbox_id, dict(command.values))
    except TooLarge:
        # RFC 5464 §4.3
        dialog.engine.finish(Status.NO, "the value is too large", b"METADATA MAXSIZE %d" % MAX_VALUE)
        return
    except RateLimited:
        dialog.engine.finish(Status.NO, "too many entries", b"METADATA TOOMANY")
        return
    await dialog.done()


async def listed(services: Services, actor: Actor, place: Place, entries: Sequence[str], *, utf8: bool) -> bytes:
    """Return the METADATA line that belongs to a line of LIST (RFC 9590 §3)."""
    held = await services.metadata.entries(actor, place.account_id, place.mailbox.row.id)
    return _line(place.name, {entry: held.get(entry) for entry in entries}, utf8=utf8)
