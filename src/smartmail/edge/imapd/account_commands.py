"""QUOTA, COMPRESS, UNAUTHENTICATE, JMAPACCESS (RFC 9208, RFC 4978, RFC 8437, RFC 9698)."""

from smartmail.domain.account import Account
from smartmail.domain.errors import Forbidden, NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.mailbox import OTHERS, SHARED
from smartmail.edge.imapd.compression import Deflate
from smartmail.edge.imapd.dialog import Dialog
from smartmail.edge.imapd.names import DELIMITER
from smartmail.edge.imapd.places import locate
from smartmail.proto.imap import commands, wire
from smartmail.proto.imap.engine import Status
from smartmail.proto.imap.limits import MAX_NUMBER

_UNIT = 1_024
"""RFC 9208 §5.1: STORAGE counts units of 1,024 octets."""


# -- QUOTA -----------------------------------------------------------------------------------------------------------


async def get_quota(dialog: Dialog, command: commands.Command) -> None:
    assert isinstance(command, commands.GetQuota)
    account_id = dialog.own().account_id
    if command.root:
        prefix, _, login = command.root.partition(DELIMITER)
        if prefix not in {OTHERS, SHARED}:
            raise NotFound("no such quota root")
        account_id = (await dialog.services.sharing.account_named(dialog.own(), login)).id
        await dialog.services.rights.require_whole(dialog.own(), account_id, "r")
    await dialog.write(await _quota(dialog, account_id, command.root))
    await dialog.done()


async def get_quota_root(dialog: Dialog, command: commands.Command) -> None:
    """Every mailbox of an account has the account's one root, whose name is empty for the own account."""
    assert isinstance(command, commands.GetQuotaRoot)
    place = await locate(dialog.services, dialog.own(), command.mailbox)
    own = place.account_id == dialog.own().account_id
    root = "" if own else DELIMITER.join(place.name.split(DELIMITER)[:2])
    utf8 = dialog.engine.utf8
    name = wire.mailbox(place.name, utf8=utf8)
    if "r" not in (await dialog.services.rights.access(dialog.own(), place.account_id)).everywhere:
        # How much there is in an account is not for who sees a part of it.
        await dialog.write(b"* QUOTAROOT %b\r\n" % name)
        await dialog.done()
        return
    await dialog.write(b"* QUOTAROOT %b %b\r\n" % (name, wire.astring(root.encode(), utf8=utf8) if root else b'""'))
    await dialog.write(await _quota(dialog, place.account_id, root))
    await dialog.done()


async def _quota(dialog: Dialog, account_id: AccountId, root: str) -> bytes:
    account = await dialog.services.directory.account(account_id)
    name = wire.astring(root.encode()) if root else b'""'
    return b"* QUOTA %b (%b)\r\n" % (name, _resources(account))


def _resources(account: Account) -> bytes:
    """RFC 9208 §5.1, §5.2. The number of messages is bounded by what 32-bit numbers can count."""
    told = b"MESSAGE %d %d" % (account.messages, MAX_NUMBER)
    if account.quota is None:
        return told
    return b"STORAGE %d %d %b" % (-(-account.used // _UNIT), account.quota // _UNIT, told)


async def set_quota(_dialog: Dialog, _command: commands.Command) -> None:
    """RFC 9208 §4.1.3: quotas are the administrator's, who has other doors."""
    raise Forbidden("quotas are set by the administrator")


# -- the session -----------------------------------------------------------------------------------------------------


async def compress(dialog: Dialog, _command: commands.Command) -> None:
    dialog.engine.begin_compression()
    # The answer itself goes out plain (RFC 4978 §3).
    dialog.flush()
    dialog.deflate = Deflate()


async def unauthenticate(dialog: Dialog, _command: commands.Command) -> None:
    """RFC 8437 §2: the connection stays, everything that the login brought goes."""
    dialog.forget_login()
    dialog.engine.finish(Status.OK, "nobody is logged in")


async def jmap_access(dialog: Dialog, _command: commands.Command) -> None:
    url = dialog.config.jmap_url
    if not url:
        dialog.engine.finish(Status.BAD, "JMAPACCESS is not offered")
        return
    # RFC 9698 §3
    await dialog.write(b"* JMAPACCESS %b\r\n" % wire.quoted(url.encode("ascii")))
    await dialog.done()
