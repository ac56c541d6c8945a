"""ACL with RIGHTS= (RFC 4314): grants of the sharing service in IMAP's words.

Identifiers are login addresses, `group:<name>`, `domain:<name>`, `department:<name>` and `anyone`. The owner's own rights stand and cannot be changed.
"""

from smartmail.domain.errors import Forbidden, Invalid, NotFound
from smartmail.domain.rights import LETTERS, NOTHING, SENDING
from smartmail.edge.imapd.dialog import Dialog
from smartmail.edge.imapd.places import Place, locate
from smartmail.proto.imap import commands, wire

RIGHTS = "RIGHTS=kxte"
"""RFC 4314 §2.2: the rights beyond those of RFC 2086 that stand in the place of `c` and `d`."""
_OLD = {"c": "kx", "d": "te"}
"""RFC 4314 §2.1.1: what the old virtual rights mean."""


def letters(rights: frozenset[str]) -> str:
    """Return rights as letters, the virtual ones of old clients last (RFC 4314 §2.1.1)."""
    own = "".join(letter for letter in LETTERS if letter in rights)
    return own + "".join(old for old, new in _OLD.items() if set(new) & set(own))


def rights_of(text: str) -> frozenset[str]:
    """Return letters as rights. Raises Invalid for unknown ones (RFC 4314 §3.1)."""
    wanted = frozenset("".join(_OLD.get(letter, letter) for letter in text))
    if not wanted <= set(LETTERS):
        raise Invalid("unknown right")
    return wanted


async def set_acl(dialog: Dialog, command: commands.Command) -> None:
    assert isinstance(command, commands.SetAcl)
    place = await _administered(dialog, command.mailbox)
    sharing, actor = dialog.services.sharing, dialog.own()
    if command.identifier.startswith("-"):
        # RFC 4314 §2: negative rights are optional; here they do not exist.
        raise Invalid("negative rights are not offered")
    try:
        grantee = await sharing.named(actor, command.identifier)
    except NotFound:
        raise Invalid("nobody has that name") from None
    row, wanted = place.mailbox.row, rights_of(command.rights)
    if command.mode:
        grants = await sharing.grants(actor, place.account_id, row.id)
        held = next((one.rights for one in grants if one.grantee == grantee), NOTHING)
        wanted = held | wanted if command.mode == "+" else held - wanted
    await sharing.share(actor, place.account_id, row.id, grantee, wanted)
    await dialog.done()


async def delete_acl(dialog: Dialog, command: commands.Command) -> None:
    assert isinstance(command, commands.DeleteAcl)
    place = await _administered(dialog, command.mailbox)
    sharing, actor = dialog.services.sharing, dialog.own()
    try:
        grantee = await sharing.named(actor, command.identifier)
    except NotFound:
        raise Invalid("nobody has that name") from None
    await sharing.revoke(actor, place.account_id, place.mailbox.row.id, grantee)
    await dialog.done()


async def get_acl(dialog: Dialog, command: commands.Command) -> None:
    assert isinstance(command, commands.GetAcl)
    place = await _administered(dialog, command.mailbox)
    services, actor = dialog.services, dialog.own()
    owner = (await services.directory.account(place.account_id)).login
    told = [(owner, letters(frozenset(LETTERS)))]
    for grant in await services.sharing.grants(actor, place.account_id, place.mailbox.row.id):
        try:
            name = await services.sharing.name_of(actor, grant.grantee)
        except NotFound:
            continue
        told.append((name, letters(grant.rights - SENDING)))
    utf8 = dialog.engine.utf8
    pairs = b"".join(b" %b %b" % (_name(name, utf8=utf8), rights.encode("ascii") or b'""') for name, rights in told)
    await dialog.write(b"* ACL %b%b\r\n" % (wire.mailbox(place.name, utf8=utf8), pairs))
    await dialog.done()


async def list_rights(dialog: Dialog, command: commands.Command) -> None:
    """RFC 4314 §3.7: nothing is always granted, except to the owner; every letter can be given by itself."""
    assert isinstance(command, commands.ListRights)
    place = await _administered(dialog, command.mailbox)
    utf8 = dialog.engine.utf8
    owner = (await dialog.services.directory.account(place.account_id)).login
    sets = [b'""', *(letter.encode("ascii") for letter in LETTERS)]
    if command.identifier == owner:
        sets = [LETTERS.encode("ascii")]
    name, identifier = wire.mailbox(place.name, utf8=utf8), _name(command.identifier, utf8=utf8)
    await dialog.write(b"* LISTRIGHTS %b %b %b\r\n" % (name, identifier, b" ".join(sets)))
    await dialog.done()


async def my_rights(dialog: Dialog, command: commands.Command) -> None:
    assert isinstance(command, commands.MyRights)
    place = await locate(dialog.services, dialog.own(), command.mailbox)
    held = letters(await rights_on(dialog, place))
    await dialog.write(
        b"* MYRIGHTS %b %b\r\n" % (wire.mailbox(place.name, utf8=dialog.engine.utf8), held.encode("ascii"))
    )
    await dialog.done()


async def rights_on(dialog: Dialog, place: Place) -> frozenset[str]:
    """Return what the actor may do with a mailbox. Raises NotFound."""
    return await dialog.services.sharing.my_rights(dialog.own(), place.account_id, place.mailbox.row.id)


async def _administered(dialog: Dialog, name: str) -> Place:
    """Return a mailbox whose grants the actor may see and change. Raises NotFound, Forbidden."""
    place = await locate(dialog.services, dialog.own(), name)
    if "a" not in await rights_on(dialog, place):
        raise Forbidden
    return place


def _name(name: str, *, utf8: bool) -> bytes:
    return wire.astring(name.encode(), utf8=utf8)
