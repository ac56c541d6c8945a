"""MailPull/get, changes, set, look, run, policy: mailboxes at other providers whose mail is brought in.

There are few, and their state is that of all of them together: it is the same or it cannot be told what changed.
"""

from typing import Any

import msgspec
from msgspec import UNSET

from smartmail.domain.errors import Invalid, MailError, PolicyRejected
from smartmail.domain.ids import AccountId
from smartmail.domain.pulls import ID_OCTETS, PORTS
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, own_account_of, parse_time, show_time
from smartmail.edge.httpd.jmap.object_type import ObjectType
from smartmail.edge.httpd.jmap.setting import Refused, converted, refuse, unsaid, why
from smartmail.proto.jmap.errors import MethodError, SetError, invalid_properties
from smartmail.proto.jmap.pulls import (
    PULL_PROPERTIES,
    MailPullLookAnswer,
    MailPullLookArguments,
    MailPullObject,
    MailPullPatch,
    MailPullPolicyAnswer,
    MailPullPolicyArguments,
    MailPullRunAnswer,
    MailPullRunArguments,
    MailPullWish,
)
from smartmail.service.flow.pulls import OpenPull, PullText
from smartmail.service.flow.pulls.working import NEVER

_EMPTY = PullText("", "imap", "", 993, "tls", "", "")


async def look(call: Call, arguments: MailPullLookArguments) -> MailPullLookAnswer:
    """MailPull/look. Raises forbidden, invalidArguments, rateLimit."""
    await own_account_of(call, arguments.account_id)
    book, actor = call.context.services.pulls.book, call.context.actor
    try:
        base = _EMPTY if arguments.id is None else (await book.own(actor, _id(arguments.id))).text
        text = await _patched(call, base, arguments.wish)
        if arguments.id is not None and arguments.wish.password is UNSET and text.source[:4] != base.source[:4]:
            # A password that is kept goes to nobody but the server that it is for.
            raise MethodError("invalidArguments", "password: give it again for another server or login")
        found = await book.look(actor, text)
    except Refused as error:
        raise MethodError("invalidArguments", error.error.description or "") from None
    return MailPullLookAnswer(
        account_id=arguments.account_id, reason=found.reason, said=found.said, folders=list(found.folders),
        messages=found.messages, tls=found.tls,
    )  # fmt: skip


async def run(call: Call, arguments: MailPullRunArguments) -> MailPullRunAnswer:
    """MailPull/run. Raises notFound, forbidden."""
    await own_account_of(call, arguments.account_id)
    try:
        await call.context.services.pulls.book.now(call.context.actor, _id(arguments.id))
    except Refused:
        raise MethodError("notFound") from None
    return MailPullRunAnswer(account_id=arguments.account_id, id=arguments.id)


async def policy(call: Call, arguments: MailPullPolicyArguments) -> MailPullPolicyAnswer:
    """MailPull/policy."""
    await own_account_of(call, arguments.account_id)
    told = await call.context.services.pulls.book.told(call.context.actor)
    return msgspec.convert({"accountId": arguments.account_id, **told}, MailPullPolicyAnswer)


async def _create(call: Call, _: AccountId, raw: dict[str, Any]) -> dict[str, Any]:
    wish = converted(raw, MailPullWish, "host")
    given = msgspec.convert({k: v for k, v in raw.items() if v is not None}, MailPullPatch)
    base = _with_port(_EMPTY, wish)
    made = await call.context.services.pulls.book.add(call.context.actor, await _patched(call, base, given))
    return unsaid(await _shown(call, made), raw)


def _with_port(text: PullText, wish: MailPullWish) -> PullText:
    """Return a text with the port that goes with the wish where it names none."""
    port = wish.port or PORTS[wish.protocol, wish.security]
    return msgspec.structs.replace(text, port=port)


async def _update(call: Call, _: AccountId, target: str, patch: dict[str, Any]) -> None:
    wish = converted(patch, MailPullPatch, "host")
    book, actor = call.context.services.pulls.book, call.context.actor
    one = await book.own(actor, _id(target))
    enabled = one.row.enabled if wish.is_enabled is UNSET else wish.is_enabled
    text = await _patched(call, one.text, wish)
    await book.change(actor, one.row.id, text, enabled=enabled, has_password=wish.password is not UNSET)


async def _destroy(call: Call, _: AccountId, target: str) -> None:
    await call.context.services.pulls.book.drop(call.context.actor, _id(target))


async def _patched(call: Call, text: PullText, wish: MailPullPatch) -> PullText:
    """Return a text with what is given."""
    plain = ("name", "protocol", "host", "port", "security", "login", "password", "folder")
    given: dict[str, Any] = {name: getattr(wish, name) for name in plain if getattr(wish, name) is not UNSET}
    if wish.mailbox_id is not UNSET:
        given["mailbox_id"] = 0 if wish.mailbox_id is None else _number(ids.MAILBOX, wish.mailbox_id, "mailboxId")
    if wish.tag_id is not UNSET:
        given["tag"] = "" if wish.tag_id is None else await _tag(call, wish.tag_id)
    if wish.delete_original is not UNSET:
        given["remove"] = wish.delete_original
    if wish.since is not UNSET:
        given["since"] = 0 if wish.since is None else max(0, parse_time(wish.since) // 1000)
    return msgspec.structs.replace(text, **given)


def _number(letter: str, text: str, name: str) -> int:
    number = ids.parse(letter, text)
    if number is None:
        raise refuse(name)
    return number


async def _tag(call: Call, text: str) -> str:
    number, actor = _number(ids.TAG, text, "tagId"), call.context.actor
    for tag in await call.context.services.tags.all(actor, actor.account_id):
        if tag.id == number:
            return tag.keyword
    raise refuse("tagId")


async def _every(call: Call, _: AccountId) -> dict[str, MailPullObject]:
    found = await call.context.services.pulls.book.list_all(call.context.actor)
    return {one.row.id.hex(): await _shown(call, one) for one in found}


async def _shown(call: Call, one: OpenPull) -> MailPullObject:
    row, text, actor = one.row, one.text, call.context.actor
    tags = await call.context.services.tags.all(actor, actor.account_id) if text.tag else []
    tag = next((ids.show(ids.TAG, each.id) for each in tags if each.keyword == text.tag), None)
    return MailPullObject(
        id=row.id.hex(), name=text.name, protocol=text.protocol, host=text.host, port=text.port, security=text.security,
        login=text.login, folder=text.folder, tag_id=tag, delete_original=text.remove, is_enabled=row.enabled,
        mailbox_id=ids.show(ids.MAILBOX, text.mailbox_id) if text.mailbox_id else None,
        since=show_time(text.since * 1000) if text.since else None, state=_standing(one), reason=row.reason, said=one.said,
        taken=row.taken, pulled_at=show_time(row.pulled_at) if row.pulled_at else None,
        next_at=show_time(row.next_at) if row.enabled and row.next_at < NEVER else None,
        created_at=show_time(row.created_at),
    )  # fmt: skip


def _standing(one: OpenPull) -> str:
    row = one.row
    if not row.enabled:
        return "off"
    if row.worker:
        return "running"
    if row.next_at >= NEVER:
        return "stopped"
    return "paused" if row.reason else "waiting"


def _told(error: Refused | MailError) -> SetError:
    if isinstance(error, Invalid):
        name = error.public.partition(":")[0]
        known = name in PULL_PROPERTIES or name == "password"
        return invalid_properties(*([name] if known else []), description=error.public)
    if isinstance(error, PolicyRejected):
        return SetError("forbidden", error.public)
    return why(error)


def _id(text: str) -> bytes:
    """Return the pull of an id. Raises Refused (notFound)."""
    try:
        octets = bytes.fromhex(text)
    except ValueError:
        octets = b""
    if len(octets) != ID_OCTETS:
        raise Refused(SetError("notFound"))
    return octets


TYPE = ObjectType(shape=MailPullObject, every=_every, create=_create, update=_update, destroy=_destroy, told=_told)
