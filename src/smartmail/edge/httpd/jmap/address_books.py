"""AddressBook/get, changes, set (RFC 9610 §2). Single books are not shared: shareWith is null and stays so."""

from functools import partial
from typing import Any

from msgspec import UNSET

from smartmail.domain.contacts import Book
from smartmail.domain.errors import AlreadyExists, Invalid, MailError
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.jmap.context import Call, account_of, changes_answer, changes_since, is_own, numbers, state_of
from smartmail.edge.httpd.jmap.setting import (
    Acts,
    Refused,
    Report,
    converted,
    in_state,
    numbered,
    refuse,
    unknown_properties,
    unsaid,
    why,
)
from smartmail.proto.jmap import core
from smartmail.proto.jmap import numbers as letters
from smartmail.proto.jmap.contacts import (
    BOOK_CHANGED,
    BOOK_PROPERTIES,
    AddressBookObject,
    AddressBookSetArguments,
    AddressBookWish,
    BookRights,
)
from smartmail.proto.jmap.core import ChangesAnswer, ChangesArguments, GetAnswer, GetArguments, SetAnswer
from smartmail.proto.jmap.errors import SetError
from smartmail.service.mailbox.contacts import BookWish
from smartmail.service.mailbox.contacts.books import HasContents


async def get(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """AddressBook/get."""
    account_id = await account_of(call, arguments.account_id)
    properties = core.wanted(arguments.properties, BOOK_PROPERTIES)
    contacts, actor = call.context.services.contacts, call.context.actor
    # Before the state: the first look makes the first book.
    every = {book.id: book for book in await contacts.books.all(actor, account_id)}
    state = await state_of(call, account_id, "address_book")
    if arguments.ids is None:
        found, missing = list(every), list[str]()
    else:
        call.context.limits.check_get(len(arguments.ids))
        asked, missing = numbers(letters.ADDRESS_BOOK, arguments.ids)
        found = [number for number in asked if number in every]
        missing += [text for number, text in asked.items() if number not in every]
    may_change = await contacts.gate.may_change(actor, account_id)
    objects = [core.project(_show(every[one], may_change=may_change), properties) for one in found]
    return GetAnswer(account_id=arguments.account_id, state=state, list=objects, not_found=missing)


def _show(book: Book, *, may_change: bool) -> AddressBookObject:
    return AddressBookObject(
        id=letters.show(letters.ADDRESS_BOOK, book.id),
        name=book.name,
        description=book.description,
        sort_order=book.order,
        is_default=book.is_default,
        is_subscribed=book.subscribed,
        share_with=None,
        my_rights=BookRights(True, may_change, False, may_change and not book.is_default),
    )


async def changes(call: Call, arguments: ChangesArguments) -> ChangesAnswer:
    """AddressBook/changes."""
    account_id = await account_of(call, arguments.account_id)
    await call.context.services.contacts.gate.reads(call.context.actor, account_id)
    changed = await changes_since(call, arguments, account_id, "address_book")
    return changes_answer(arguments, changed, letters.ADDRESS_BOOK)


async def set_(call: Call, arguments: AddressBookSetArguments) -> SetAnswer:
    """AddressBook/set."""
    account_id = await account_of(call, arguments.account_id)
    call.context.limits.check_set(arguments.count())
    await call.context.services.contacts.gate.reads(call.context.actor, account_id)
    before = await state_of(call, account_id, "address_book")
    report = Report(call.created_ids)
    with in_state(account_id, "address_book", before, arguments.if_in_state, own=is_own(call, account_id)):
        acts = Acts(
            partial(_create, call, account_id),
            partial(_update, call, account_id),
            partial(_destroy, call, account_id, contents=arguments.on_destroy_remove_contents),
            _told,
        )
        await report.carry_out(arguments, acts)
        if arguments.on_success_set_is_default is not None and _all_done(report):
            await _make_default(call, account_id, arguments.on_success_set_is_default, report)
    return report.answer(arguments.account_id, before, await state_of(call, account_id, "address_book"))


def _all_done(report: Report) -> bool:
    return not (report.not_created or report.not_updated or report.not_destroyed)


async def _make_default(call: Call, account_id: AccountId, text: str, report: Report) -> None:
    """RFC 9610 §2.3: what is no book is left as it is, and nothing is told of it."""
    number = letters.parse(letters.ADDRESS_BOOK, call.created_ids.resolve(text) or "")
    books = call.context.services.contacts.books
    before = {one.id: one.is_default for one in await books.all(call.context.actor, account_id)}
    if number is None or number not in before:
        return
    await books.make_default(call.context.actor, account_id, number)
    for one, was in before.items():
        shown = letters.show(letters.ADDRESS_BOOK, one)
        if was != (one == number) and report.updated.get(shown) is None:
            made = next((new for new in report.created.values() if new["id"] == shown), None)
            if made is None:
                report.updated[shown] = {"isDefault": one == number}
            else:
                made["isDefault"] = True


async def _create(call: Call, account_id: AccountId, raw: dict[str, Any]) -> dict[str, Any]:
    wish = _wish(raw)
    if wish.name is None:
        raise refuse("name")
    book = await call.context.services.contacts.books.create(call.context.actor, account_id, wish)
    return unsaid(_show(book, may_change=True), raw)


async def _update(call: Call, account_id: AccountId, target: str, patch: dict[str, Any]) -> None:
    await call.context.services.contacts.books.update(
        call.context.actor, account_id, numbered(letters.ADDRESS_BOOK, target), _wish(patch)
    )


async def _destroy(call: Call, account_id: AccountId, target: str, *, contents: bool) -> None:
    books = call.context.services.contacts.books
    await books.destroy(call.context.actor, account_id, numbered(letters.ADDRESS_BOOK, target), contents=contents)


def _wish(raw: dict[str, Any]) -> BookWish:
    bad = unknown_properties(raw, BOOK_CHANGED)
    if bad:
        raise refuse(*bad)
    wish = converted(raw, AddressBookWish, "name")
    told = {"name": wish.name, "order": wish.sort_order, "subscribed": wish.is_subscribed}
    described = {} if wish.description is UNSET else {"description": wish.description or ""}
    return BookWish(**{name: value for name, value in told.items() if value is not UNSET}, **described)  # type: ignore[arg-type]


def _told(error: Refused | MailError) -> SetError:
    if isinstance(error, HasContents):
        return SetError("addressBookHasContents", error.public)
    if isinstance(error, Invalid | AlreadyExists):
        return SetError("invalidProperties", error.public)
    return why(error)
