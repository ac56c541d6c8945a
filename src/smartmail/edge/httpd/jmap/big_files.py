"""LinkedFile/get, set; FileLink/get, set: a person's big files (대용량첨부) and their links.

A file comes by tus and is destroyed here; a link is made, extended, revoked, and goes with its file.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from smartmail.domain.big_files import BigDownload
from smartmail.domain.errors import Invalid, MailError
from smartmail.edge.httpd.jmap.context import Call, own_account_of, parse_time, show_time
from smartmail.edge.httpd.jmap.credentials import digest
from smartmail.edge.httpd.jmap.setting import Refused, Report, converted, refuse, why
from smartmail.proto.jmap import core
from smartmail.proto.jmap.big_files import (
    FILE_PROPERTIES,
    LINK_PROPERTIES,
    DownloadObject,
    FileLinkObject,
    FileLinkPatch,
    FileLinkWish,
    LinkedFileObject,
)
from smartmail.proto.jmap.core import GetAnswer, GetArguments, SetAnswer, SetArguments
from smartmail.proto.jmap.errors import MethodError, SetError
from smartmail.service.mailbox.big_files import HeldLink, LinkWish, OpenFile
from smartmail.service.mailbox.big_files.texts import DownloadText

Object = LinkedFileObject | FileLinkObject


async def get_files(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """LinkedFile/get."""
    await own_account_of(call, arguments.account_id)
    return _got(call, arguments, await _files(call), FILE_PROPERTIES)


async def set_files(call: Call, arguments: SetArguments) -> SetAnswer:
    """LinkedFile/set: destroys."""
    await own_account_of(call, arguments.account_id)
    call.context.limits.check_set(arguments.count())
    before, report = _begun(arguments, await _files(call)), Report(call.created_ids)
    for key in arguments.create or {}:
        report.not_created[key] = SetError("forbidden", "a file is made by its upload")
    for key in report.updates(arguments):
        report.not_updated[key] = SetError("forbidden", "a file does not change")
    for key, target in report.destroys(arguments).items():
        try:
            await call.context.services.big_files.uploads.drop(call.context.actor, _octets(target))
            report.destroyed.append(key)
        except (Refused, MailError) as error:
            report.not_destroyed[key] = why(error)
    return report.answer(arguments.account_id, before, _state(await _files(call)))


async def get_links(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """FileLink/get."""
    await own_account_of(call, arguments.account_id)
    return _got(call, arguments, await _links(call), LINK_PROPERTIES)


async def set_links(call: Call, arguments: SetArguments) -> SetAnswer:
    """FileLink/set."""
    await own_account_of(call, arguments.account_id)
    call.context.limits.check_set(arguments.count())
    before, report = _begun(arguments, await _links(call)), Report(call.created_ids)
    for key, raw in (arguments.create or {}).items():
        try:
            report.made(key, await _create(call, raw))
        except (Refused, MailError) as error:
            report.not_created[key] = _told(error)
    for key, (target, patch) in report.updates(arguments).items():
        try:
            await _update(call, target, patch)
            report.updated[key] = None
        except (Refused, MailError) as error:
            report.not_updated[key] = _told(error)
    for key in report.destroys(arguments):
        report.not_destroyed[key] = SetError("forbidden", "a link is revoked; it goes with its file")
    return report.answer(arguments.account_id, before, _state(await _links(call)))


async def _create(call: Call, raw: Any) -> dict[str, Any]:
    wish = converted(raw, FileLinkWish, "fileId")
    asked = LinkWish(
        wish.recipient, wish.subject, None if wish.expires_at is None else parse_time(wish.expires_at),
        wish.most_downloads, wish.password, wish.by_code, wish.view_only,
        wish.countries, wish.networks,
    )  # fmt: skip
    file_id = _octets(call.created_ids.resolve(wish.file_id) or "")
    [made] = await call.context.services.big_files.links.make(call.context.actor, file_id, [asked])
    shown = core.project(_link(call, made), LINK_PROPERTIES)
    return {name: value for name, value in shown.items() if raw.get(name) != value}


async def _update(call: Call, target: str, patch: Mapping[str, Any]) -> None:
    wish = converted(dict(patch), FileLinkPatch, "end")
    await call.context.services.big_files.links.change(
        call.context.actor, _octets(target),
        expires_at=None if wish.expires_at is msgspec.UNSET else parse_time(wish.expires_at),
        most=None if wish.most_downloads is msgspec.UNSET else wish.most_downloads,
        revoked=None if wish.end is msgspec.UNSET else True,
    )  # fmt: skip


def _told(error: Refused | MailError) -> SetError:
    if isinstance(error, Invalid):
        return SetError("invalidProperties", error.public)
    return why(error)


def _begun(arguments: SetArguments, every: Mapping[str, Object]) -> str:
    before = _state(every)
    if arguments.if_in_state not in {None, before}:
        raise MethodError("stateMismatch")
    return before


def _got(call: Call, arguments: GetArguments, every: Mapping[str, Object], known: Sequence[str]) -> GetAnswer[Any]:
    properties = core.wanted(arguments.properties, known)
    asked = list(every) if arguments.ids is None else list(dict.fromkeys(arguments.ids))
    if arguments.ids is not None:
        call.context.limits.check_get(len(arguments.ids))
    objects = [core.project(every[one], properties) for one in asked if one in every]
    missing = [one for one in asked if one not in every]
    return GetAnswer(account_id=arguments.account_id, state=_state(every), list=objects, not_found=missing)


def _octets(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise refuse("id") from None


def _state(every: Mapping[str, Object]) -> str:
    return digest(list(every.values()))


async def _files(call: Call) -> dict[str, LinkedFileObject]:
    found = await call.context.services.big_files.links.files(call.context.actor)
    return {one.row.id.hex(): _file(one) for one in found}


async def _links(call: Call) -> dict[str, FileLinkObject]:
    found = await call.context.services.big_files.links.list_all(call.context.actor)
    return {one.row.id.hex(): _link(call, one) for one in found}


def _file(one: OpenFile) -> LinkedFileObject:
    row, text = one.row, one.text
    return LinkedFileObject(
        id=row.id.hex(), name=text.name, type=text.media_type, size=row.size, received=row.received, state=row.state,
        found=text.found, sha256=text.sha256, created_at=show_time(row.created_at), expires_at=show_time(row.expires_at),
    )  # fmt: skip


def _link(call: Call, one: HeldLink) -> FileLinkObject:
    row, text = one.row, one.text
    end = row.end(one.file.state, call.context.services.big_files.links.now())
    return FileLinkObject(
        id=row.id.hex(), file_id=row.file_id.hex(), url=one.url, recipient=text.recipient, subject=text.subject,
        proof=text.proof, view_only=text.view_only, countries=text.countries, networks=text.networks,
        created_at=show_time(row.created_at), expires_at=show_time(row.expires_at),
        most_downloads=row.most, download_count=row.taken, end=end or ("used" if row.used_up else None),
        downloads=[_download(*each) for each in one.downloads],
    )  # fmt: skip


def _download(row: BigDownload, text: DownloadText) -> DownloadObject:
    return DownloadObject(
        at=show_time(row.at), last_at=show_time(row.last_at), address=text.address, country=text.country,
        agent=text.agent, octets=row.octets, is_complete=row.complete,
    )  # fmt: skip
