"""Blob/copy (RFC 8620 §6.3), Blob/upload, Blob/get, Blob/lookup (RFC 9404).

LIMITS    MAX_SET octets in one Blob/upload and one Blob/get: what is larger goes by /jmap/upload and /jmap/download.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from smartmail.domain.errors import MailError, NotFound
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.blob_reading import open_blob, open_to_save, script_of
from smartmail.edge.httpd.jmap.composing import blob_content
from smartmail.edge.httpd.jmap.context import Call, account_of
from smartmail.edge.httpd.jmap.setting import Refused, refuse, why
from smartmail.proto.jmap import core
from smartmail.proto.jmap.blobs import (
    DIGESTS,
    LOOKUP_TYPES,
    BlobCreate,
    BlobGetAnswer,
    BlobGetArguments,
    BlobLookupAnswer,
    BlobLookupArguments,
    BlobUploadAnswer,
    BlobUploadArguments,
    blob_object,
    literal,
    needs_octets,
    wanted_data,
)
from smartmail.proto.jmap.errors import MethodError, SetError

MAX_SET: Final = 20_000_000
MAX_SOURCES: Final = 64
_OCTETS: Final = "application/octet-stream"

CAPABILITY: Final = {
    "maxSizeBlobSet": MAX_SET,
    "maxDataSources": MAX_SOURCES,
    "supportedTypeNames": list(LOOKUP_TYPES),
    "supportedDigestAlgorithms": list(DIGESTS),
}
"""RFC 9404 §3.1."""


async def copy(call: Call, arguments: core.BlobCopyArguments) -> core.BlobCopyAnswer:
    """Blob/copy."""
    target = await account_of(call, arguments.account_id)
    try:
        source = await account_of(call, arguments.from_account_id)
    except MethodError:
        raise MethodError("fromAccountNotFound") from None
    call.context.limits.check_set(len(arguments.blob_ids))
    copied: dict[str, str] = {}
    lost: dict[str, SetError] = {}
    for text in arguments.blob_ids:
        try:
            copied[text] = await _copied(call, source, target, text)
        except (Refused, MailError) as error:
            lost[text] = why(error)
    return core.BlobCopyAnswer(
        account_id=arguments.account_id,
        from_account_id=arguments.from_account_id,
        copied=copied or None,
        not_copied=lost or None,
    )


async def _copied(call: Call, source: AccountId, target: AccountId, text: str) -> str:
    """Return the blob's id in the other account; in the same one it is there already."""
    name, reader = await open_blob(call.context.services, call.context.actor, source, text)
    if source == target:
        return text
    await open_to_save(call.context.services, call.context.actor, source, text)
    if not name.whole:
        content = await blob_content(call, source, text, MAX_SET)
        return (await _stored(call, target, [content], _OCTETS))[0]
    writer = await call.context.services.uploads.begin(call.context.actor, target, reader.size)
    try:
        for start in range(0, reader.size, 1 << 20):
            await writer.append(await reader.read(start, 1 << 20))
    except (MailError, asyncio.CancelledError):
        await writer.abort()
        raise
    blob_id, _size = await call.context.services.uploads.finish(call.context.actor, target, writer, _OCTETS)
    return ids.show_blob(blob_id)


# -- upload ---------------------------------------------------------------------------------------------------------


async def upload(call: Call, arguments: BlobUploadArguments) -> BlobUploadAnswer:
    """Blob/upload."""
    account_id = await account_of(call, arguments.account_id)
    call.context.limits.check_set(len(arguments.create))
    created: dict[str, Any] = {}
    refused: dict[str, SetError] = {}
    for key, raw in arguments.create.items():
        try:
            created[key] = made = await _uploaded(call, account_id, raw)
            call.created_ids[key] = made["id"]
        except (Refused, MailError) as error:
            refused[key] = why(error)
    return BlobUploadAnswer(account_id=arguments.account_id, created=created or None, not_created=refused or None)


async def _uploaded(call: Call, account_id: AccountId, raw: Any) -> dict[str, Any]:
    try:
        wish = msgspec.convert(raw, BlobCreate)
    except msgspec.ValidationError as error:
        raise refuse("type" if "$.type" in str(error) else "data", description=str(error)[:200]) from None
    if len(wish.data) > MAX_SOURCES:
        raise refuse("data", description=f"at most {MAX_SOURCES} sources")
    pieces: list[bytes] = []
    room = MAX_SET
    for source in wish.data:
        try:
            piece = literal(source)
        except ValueError as error:
            raise refuse("data", description=str(error)) from None
        if piece is None:
            assert source.blob_id is not None
            piece = await _range(call, account_id, source.blob_id, source.offset, source.length, room)
        pieces.append(piece)
        room -= len(piece)
        if room < 0:
            raise Refused(SetError("tooLarge", max_size=MAX_SET))
    media_type = wish.type or _OCTETS
    blob_id, size = await _stored(call, account_id, pieces, media_type)
    return {"id": blob_id, "type": media_type, "size": size}


async def _range(
    call: Call, account_id: AccountId, text: str, offset: int | None, length: int | None, room: int
) -> bytes:
    """Return a range of another blob. Raises Refused: blobNotFound, invalidProperties, tooLarge."""
    target = call.created_ids.resolve(text)
    try:
        await open_to_save(call.context.services, call.context.actor, account_id, target or "")
        octets = await blob_content(call, account_id, target or "", max(room, 1))
    except NotFound:
        raise Refused(SetError("blobNotFound", not_found=[text])) from None
    start = offset or 0
    end = len(octets) if length is None else start + length
    if start > len(octets) or end > len(octets):
        # RFC 9404 §4.1: a range that is not there is refused, not shortened.
        raise refuse("data", description="the blob ends before the range does")
    return octets[start:end]


async def _stored(call: Call, account_id: AccountId, pieces: Sequence[bytes], media_type: str) -> tuple[str, int]:
    uploads, actor = call.context.services.uploads, call.context.actor
    writer = await uploads.begin(actor, account_id, sum(map(len, pieces)))
    try:
        for piece in pieces:
            await writer.append(piece)
    except (MailError, asyncio.CancelledError):
        await writer.abort()
        raise
    blob_id, size = await uploads.finish(actor, account_id, writer, media_type[:100])
    return ids.show_blob(blob_id), size


# -- get and lookup -------------------------------------------------------------------------------------------------


async def get(call: Call, arguments: BlobGetArguments) -> BlobGetAnswer:
    """Blob/get."""
    account_id = await account_of(call, arguments.account_id)
    call.context.limits.check_get(len(arguments.ids))
    names = wanted_data(arguments.properties)
    found: list[dict[str, Any]] = []
    missing: list[str] = []
    for text in dict.fromkeys(arguments.ids):
        try:
            found.append(await _told(call, account_id, text, names, arguments))
        except NotFound:
            missing.append(text)
    return BlobGetAnswer(account_id=arguments.account_id, list=found, not_found=missing)


async def _told(
    call: Call, account_id: AccountId, text: str, names: Sequence[str], arguments: BlobGetArguments
) -> dict[str, Any]:
    start = arguments.offset or 0
    target = call.created_ids.resolve(text) or ""
    name, reader = await open_blob(call.context.services, call.context.actor, account_id, target)
    if name.whole and not needs_octets(names):
        return blob_object(target, names, b"", reader.size, is_truncated=False)
    await open_to_save(call.context.services, call.context.actor, account_id, target)
    try:
        octets = await blob_content(call, account_id, target, MAX_SET)
    except Refused:
        raise MethodError("requestTooLarge", f"at most {MAX_SET} octets: download it") from None
    call.context.budget.left -= len(octets)
    if call.context.budget.left < 0:
        raise MethodError("requestTooLarge", "ask for fewer blobs at once")
    end = len(octets) if arguments.length is None else start + arguments.length
    cut = start > len(octets) or end > len(octets)
    part = octets[start:end]
    work = (target, names, part, len(octets))
    return await asyncio.to_thread(blob_object, *work, is_truncated=cut)


async def lookup(call: Call, arguments: BlobLookupArguments) -> BlobLookupAnswer:
    """Blob/lookup."""
    account_id = await account_of(call, arguments.account_id)
    call.context.limits.check_get(len(arguments.ids))
    unknown = next((one for one in arguments.type_names if one not in LOOKUP_TYPES), None)
    if unknown is not None:
        raise MethodError("unknownDataType", f"no blobs in {unknown[:100]}")
    found: list[dict[str, Any]] = []
    missing: list[str] = []
    for text in dict.fromkeys(arguments.ids):
        try:
            target = call.created_ids.resolve(text) or ""
            every = await _holders(call, account_id, target)
        except NotFound:
            missing.append(text)
            continue
        found.append({"id": target, "matchedIds": {kind: every[kind] for kind in dict.fromkeys(arguments.type_names)}})
    return BlobLookupAnswer(account_id=arguments.account_id, list=found, not_found=missing)


async def _holders(call: Call, account_id: AccountId, text: str) -> dict[str, list[str]]:
    """Return type → ids of objects that hold a blob. Raises NotFound."""
    services, actor = call.context.services, call.context.actor
    script_id = script_of(text)
    if script_id is not None:
        await open_blob(services, actor, account_id, text)
        return {kind: list[str]() for kind in LOOKUP_TYPES} | {"SieveScript": [ids.show(ids.SCRIPT, script_id)]}
    held = await services.blob_lookup.holders(actor, account_id, ids.blob_named(text).blob_id)
    return {
        "Mailbox": [ids.show(ids.MAILBOX, one) for one in held.mailboxes],
        "Thread": [ids.show(ids.THREAD, one) for one in held.threads],
        "Email": [ids.show(ids.EMAIL, one) for one in held.messages],
        "SieveScript": [],
    }
