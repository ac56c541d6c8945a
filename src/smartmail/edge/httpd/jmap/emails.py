"""Email/get, Email/changes, Email/parse, Thread/get, Thread/changes (RFC 8621 §3, §4)."""

import asyncio
from collections.abc import Container, Iterable, Sequence
from typing import Any

from smartmail.domain.errors import MailError
from smartmail.domain.ids import AccountId, MessageId, ThreadId
from smartmail.edge.httpd.jmap import ids, inspections, own_properties, reminders, sent_by, smime
from smartmail.edge.httpd.jmap.context import (
    Call,
    Changed,
    account_of,
    changes_answer,
    changes_since,
    numbers,
    state_of,
)
from smartmail.edge.httpd.jmap.properties import Source, Wish, email_object
from smartmail.edge.httpd.jmap.sources import load
from smartmail.formats.mime.transfer import decode_body
from smartmail.formats.summary import Summary, summarize
from smartmail.proto.jmap.core import ChangesAnswer, ChangesArguments, GetAnswer, GetArguments, wanted
from smartmail.proto.jmap.emails import (
    DEFAULT_PART_PROPERTIES,
    DEFAULT_PROPERTIES,
    OWN_PART_PROPERTIES,
    PART_PROPERTIES,
    EmailGetArguments,
    EmailParseAnswer,
    EmailParseArguments,
    email_properties,
)
from smartmail.proto.jmap.errors import MethodError
from smartmail.proto.jmap.mailboxes import THREAD_PROPERTIES
from smartmail.proto.jmap.session import OWN

MAX_PARSED_BLOBS = 50
MAX_PARSED = 50 << 20
"""Octets of a blob that Email/parse takes apart; a message on its way in may be larger, but is scanned as it comes."""


def wish_of(
    call: Call, arguments: EmailGetArguments | EmailParseArguments, default: Sequence[str] = DEFAULT_PROPERTIES
) -> Wish:
    """Return what a get or parse asks for. Raises invalidArguments."""
    parts = (*PART_PROPERTIES, *(OWN_PART_PROPERTIES if OWN in call.using else ()))
    return Wish(
        email_properties(arguments.properties, default),
        email_properties(arguments.body_properties, DEFAULT_PART_PROPERTIES, parts),
        arguments.fetch_text_body_values,
        arguments.fetch_html_body_values,
        arguments.fetch_all_body_values,
        arguments.max_body_value_bytes,
        call.context.budget,
    )


async def get(call: Call, arguments: EmailGetArguments) -> GetAnswer[Any]:
    """Email/get."""
    account_id = await account_of(call, arguments.account_id)
    arguments, with_sender = own_properties.parted(call, arguments, sent_by.SENT_BY)
    arguments, with_inspection = own_properties.parted(call, arguments, inspections.INSPECTION)
    arguments, with_country = own_properties.parted(call, arguments, inspections.COUNTRY)
    arguments, with_reminder = own_properties.parted(call, arguments, reminders.REMINDER)
    arguments, of_signatures = smime.parted(call, arguments)
    wish = wish_of(call, arguments)
    state = await state_of(call, account_id, "message")
    if arguments.ids is None:
        found, missing = await _all_ids(call, account_id), list[str]()
    else:
        call.context.limits.check_get(len(arguments.ids))
        found, missing = numbers(ids.EMAIL, arguments.ids)
    sources = await load(call, account_id, [MessageId(number) for number in found])
    if wish.shows_content:
        rows = [source.row for source in sources.values() if source.row is not None]
        there = await call.context.services.reading.shown(call.context.actor, account_id, rows)
        sources = {number: source for number, source in sources.items() if number in there}
    missing += [text for number, text in found.items() if number not in sources]
    objects = [await email_object(source, wish) for source in sources.values()]
    if with_sender:
        await sent_by.tell(call, account_id, objects)
    if with_inspection:
        await inspections.tell(call, account_id, objects)
    if with_country:
        await inspections.tell_country(call, account_id, objects)
    if with_reminder:
        await reminders.tell(call, account_id, objects)
    if of_signatures:
        await smime.tell(call, account_id, objects, of_signatures)
    return GetAnswer(account_id=arguments.account_id, state=state, list=objects, not_found=missing)


async def _all_ids(call: Call, account_id: AccountId) -> dict[int, str]:
    """RFC 8620 §5.1: null means all, when there are not too many."""
    found = await call.context.services.queries.find(call.context.actor, account_id, None)
    call.context.limits.check_get(len(found))
    return {number: ids.show(ids.EMAIL, number) for number in found}


async def changes(call: Call, arguments: ChangesArguments) -> ChangesAnswer:
    """Email/changes. A message whose every placement is marked deleted has gone as far as JMAP can see."""
    account_id = await account_of(call, arguments.account_id)
    found = await changes_since(call, arguments, account_id, "message")
    alive = await call.context.services.reading.placed(
        call.context.actor, account_id, [MessageId(one) for one in (*found.created, *found.updated)]
    )
    return changes_answer(arguments, _in_sight(found, alive), ids.EMAIL)


def _in_sight(found: Changed, alive: Container[int]) -> Changed:
    """Return the changes with what cannot be seen any more as destroyed."""
    hidden = [one for one in found.updated if one not in alive]
    return Changed(
        [one for one in found.created if one in alive],
        [one for one in found.updated if one in alive],
        [*found.destroyed, *hidden],
        found.until,
        found.more,
    )


async def parse(call: Call, arguments: EmailParseArguments) -> EmailParseAnswer:
    """Email/parse."""
    account_id = await account_of(call, arguments.account_id)
    if len(arguments.blob_ids) > MAX_PARSED_BLOBS:
        raise MethodError("requestTooLarge", f"at most {MAX_PARSED_BLOBS} blobs")
    wish = wish_of(call, arguments, _PARSED)
    parsed: dict[str, Any] = {}
    not_parsable: list[str] = []
    not_found: list[str] = []
    for text in dict.fromkeys(arguments.blob_ids):
        target = call.created_ids.resolve(text) or ""
        octets = await _octets_of(call, account_id, target)
        if octets is None:
            not_found.append(text)
        elif not octets or len(octets) > MAX_PARSED:
            not_parsable.append(text)
        else:
            parsed[text] = await email_object(await _parsed(target, octets), wish)
    return EmailParseAnswer(
        account_id=arguments.account_id,
        parsed=parsed or None,
        not_parsable=not_parsable or None,
        not_found=not_found or None,
    )


_PARSED = (
    "messageId", "inReplyTo", "references", "sender", "from", "to", "cc", "bcc", "replyTo", "subject", "sentAt",
    "hasAttachment", "preview", "bodyValues", "textBody", "htmlBody", "attachments",
)  # fmt: skip
"""RFC 8621 §4.9: what a parse without `properties` tells."""


async def _octets_of(call: Call, account_id: AccountId, text: str) -> bytes | None:
    """Return the octets of a blob, one more than MAX_PARSED at most; None when there is none."""
    name = ids.parse_blob(text)
    if name is None:
        return None
    length = MAX_PARSED + 1 if name.end is None else min(name.end - name.start, MAX_PARSED + 1)
    try:
        octets = await call.context.services.reading.blob(
            call.context.actor, account_id, name.blob_id, name.start, length
        )
    except MailError as error:
        if error.code == "not_found":
            return None
        raise
    return octets if name.whole else decode_body(octets, name.encoding)


async def _parsed(text: str, octets: bytes) -> Source:
    summary: Summary = await asyncio.to_thread(summarize, octets)

    async def read(start: int, length: int) -> bytes:
        return octets[start : start + length]

    return Source(summary, ids.blob_named(text), text, read)


# -- threads --------------------------------------------------------------------------------------------------------


async def get_threads(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """Thread/get: ids of messages that can be seen, oldest first."""
    account_id = await account_of(call, arguments.account_id)
    properties = wanted(arguments.properties, THREAD_PROPERTIES)
    state = await state_of(call, account_id, "thread")
    found, missing = await _thread_numbers(call, account_id, arguments.ids)
    members = await visible_members(call, account_id, found)
    objects: list[dict[str, Any]] = []
    for number, text in found.items():
        emails = members.get(ThreadId(number))
        if not emails:
            missing.append(text)
            continue
        object_: dict[str, Any] = {"id": text, "emailIds": [ids.show(ids.EMAIL, one) for one in emails]}
        objects.append({name: object_[name] for name in properties})
    return GetAnswer(account_id=arguments.account_id, state=state, list=objects, not_found=missing)


async def _thread_numbers(
    call: Call, account_id: AccountId, asked: Sequence[str] | None
) -> tuple[dict[int, str], list[str]]:
    limits = call.context.limits
    if asked is not None:
        limits.check_get(len(asked))
        return numbers(ids.THREAD, asked)
    rows = await call.context.services.reading.every_row(call.context.actor, account_id)
    every = dict.fromkeys(row.thread_id for row in rows)
    if len(every) > limits.max_objects_in_get:
        raise MethodError("requestTooLarge")
    return {number: ids.show(ids.THREAD, number) for number in every}, []


async def visible_members(call: Call, account_id: AccountId, threads: Iterable[int]) -> dict[ThreadId, list[MessageId]]:
    """Return thread → messages that some placement shows, oldest received first."""
    reading, actor = call.context.services.reading, call.context.actor
    members = await reading.threads(actor, account_id, [ThreadId(one) for one in threads])
    placed = await reading.placed(actor, account_id, [one for ids_ in members.values() for one in ids_])
    return {thread: [one for one in ids_ if one in placed] for thread, ids_ in members.items()}


async def thread_changes(call: Call, arguments: ChangesArguments) -> ChangesAnswer:
    """Thread/changes. A thread of which no message can be seen has gone as far as JMAP can see."""
    account_id = await account_of(call, arguments.account_id)
    found = await changes_since(call, arguments, account_id, "thread")
    members = await visible_members(call, account_id, (*found.created, *found.updated))
    alive = {thread_id for thread_id, messages in members.items() if messages}
    return changes_answer(arguments, _in_sight(found, alive), ids.THREAD)
