"""ContactCard/import, ContactCard/export: our own methods for vCard and CSV, with blobs as files."""

from smartmail.domain.contacts import MAX_FILE_OCTETS
from smartmail.domain.errors import Invalid, NotFound, TooLarge
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.blob_reading import open_blob
from smartmail.edge.httpd.jmap.context import Call, account_of, numbers, state_of
from smartmail.proto.jmap import numbers as letters
from smartmail.proto.jmap.contacts import (
    CardExportAnswer,
    CardExportArguments,
    CardImportAnswer,
    CardImportArguments,
    CardImportEntry,
)
from smartmail.proto.jmap.errors import MethodError
from smartmail.service.mailbox.contacts import ImportedEntry, ImportWish


async def import_(call: Call, arguments: CardImportArguments) -> CardImportAnswer:
    """ContactCard/import. Raises notFound (blob, book), invalidArguments (no such file), requestTooLarge."""
    account_id = await account_of(call, arguments.account_id)
    contacts, actor = call.context.services.contacts, call.context.actor
    await contacts.gate.changes(actor, account_id)
    before = await state_of(call, account_id, "contact")
    octets = await _octets(call, account_id, arguments.blob_id)
    wish = ImportWish(
        arguments.format, await _book(call, account_id, arguments.address_book_id), arguments.on_duplicate,
        arguments.dry_run, await _language(call),
    )  # fmt: skip
    try:
        found = await contacts.files.read_in(actor, account_id, octets, wish)
    except Invalid as error:
        raise MethodError("invalidArguments", error.public) from None
    outcomes = [one.outcome for one in found.entries]
    return CardImportAnswer(
        account_id=arguments.account_id,
        old_state=before,
        new_state=await state_of(call, account_id, "contact"),
        dry_run=arguments.dry_run,
        format=found.form,
        charset=found.charset,
        total=len(outcomes),
        created=outcomes.count("created"),
        duplicates=outcomes.count("duplicate"),
        failed=outcomes.count("failed"),
        entries=[_show(index, one) for index, one in enumerate(found.entries)],
    )


def _show(index: int, one: ImportedEntry) -> CardImportEntry:
    number = None if one.number is None else letters.show(letters.CARD, one.number)
    return CardImportEntry(
        index=index, line=one.line, name=one.name, emails=one.emails, outcome=one.outcome, id=number,
        error=one.error or None,
    )  # fmt: skip


async def _octets(call: Call, account_id: AccountId, blob_id: str) -> bytes:
    text = call.created_ids.resolve(blob_id) or blob_id
    try:
        _name, reader = await open_blob(call.context.services, call.context.actor, account_id, text)
    except NotFound:
        raise MethodError("notFound", "no such blob") from None
    if reader.size > MAX_FILE_OCTETS:
        raise TooLarge(f"at most {MAX_FILE_OCTETS} octets")
    return await reader.read()


async def _book(call: Call, account_id: AccountId, text: str | None) -> int | None:
    if text is None:
        return None
    number = letters.parse(letters.ADDRESS_BOOK, call.created_ids.resolve(text) or "")
    books = await call.context.services.contacts.books.all(call.context.actor, account_id)
    if number is None or number not in {one.id for one in books}:
        raise MethodError("notFound", "no such address book")
    return number


async def _language(call: Call) -> str:
    return (await call.context.services.directory.account(call.context.actor.account_id)).language


async def export(call: Call, arguments: CardExportArguments) -> CardExportAnswer:
    """ContactCard/export. Raises notFound (book), forbidden where policy lets nobody take contacts out."""
    account_id = await account_of(call, arguments.account_id)
    contacts, actor = call.context.services.contacts, call.context.actor
    await contacts.gate.takes_out(actor, account_id)
    chosen = None if arguments.ids is None else list(numbers(letters.CARD, arguments.ids)[0])
    found = await contacts.files.write_out(
        actor, account_id, arguments.format, chosen, await _book(call, account_id, arguments.address_book_id),
        await _language(call),
    )  # fmt: skip
    return CardExportAnswer(
        account_id=arguments.account_id,
        blob_id=ids.show_blob(found.blob_id),
        type=found.media_type,
        size=found.size,
        name=found.name,
        count=found.count,
    )
