"""LinkedFile/get, set; FileLink/get, set: a person's big files (대용량첨부) and their links.

A file comes by tus and is destroyed here; a link is made, extended, revoked, and goes with its file.
"""

from typing import Any

import msgspec

from smartmail.domain.big_files import BigDownload
from smartmail.domain.errors import Invalid, MailError
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.jmap.context import Call, parse_time, show_time
from smartmail.edge.httpd.jmap.object_type import ObjectType, never
from smartmail.edge.httpd.jmap.setting import Refused, converted, refuse, why
from smartmail.proto.jmap import core
from smartmail.proto.jmap.big_files import (
    DownloadObject,
    FileLinkObject,
    FileLinkPatch,
    FileLinkWish,
    LinkedFileObject,
)
from smartmail.proto.jmap.core import SetAnswer, SetArguments
from smartmail.proto.jmap.errors import SetError
from smartmail.service.mailbox.big_files import HeldLink, LinkWish, OpenFile
from smartmail.service.mailbox.big_files.texts import DownloadText


async def set_files(call: Call, arguments: SetArguments) -> SetAnswer:
    """LinkedFile/set: destroys."""
    return await FILES.set_(call, arguments)


async def _drop(call: Call, _: AccountId, target: str) -> None:
    await call.context.services.big_files.uploads.drop(call.context.actor, _octets(target))


async def _create(call: Call, _: AccountId, raw: dict[str, Any]) -> dict[str, Any]:
    wish = converted(raw, FileLinkWish, "fileId")
    asked = LinkWish(
        wish.recipient, wish.subject, None if wish.expires_at is None else parse_time(wish.expires_at),
        wish.most_downloads, wish.password, wish.by_code, wish.view_only,
        wish.countries, wish.networks,
    )  # fmt: skip
    file_id = _octets(call.created_ids.resolve(wish.file_id) or "")
    [made] = await call.context.services.big_files.links.make(call.context.actor, file_id, [asked])
    shown = core.project(_link(call, made), FileLinkObject.__struct_encode_fields__)
    return {name: value for name, value in shown.items() if raw.get(name) != value}


async def _update(call: Call, _: AccountId, target: str, patch: dict[str, Any]) -> None:
    wish = converted(patch, FileLinkPatch, "end")
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


def _octets(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise refuse("id") from None


async def _files(call: Call, _: AccountId) -> dict[str, LinkedFileObject]:
    found = await call.context.services.big_files.links.files(call.context.actor)
    return {one.row.id.hex(): _file(one) for one in found}


async def _links(call: Call, _: AccountId) -> dict[str, FileLinkObject]:
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


FILES = ObjectType(
    shape=LinkedFileObject,
    every=_files,
    create=never("a file is made by its upload"),
    update=never("a file does not change"),
    destroy=_drop,
)
LINKS = ObjectType(
    shape=FileLinkObject,
    every=_links,
    create=_create,
    update=_update,
    destroy=never("a link is revoked; it goes with its file"),
    told=_told,
)
