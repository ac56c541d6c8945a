"""Adds the address of an account next to its id: people read addresses, programs read ids."""

from typing import Any, TypeVar

import msgspec

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.shapes import Page

T = TypeVar("T", bound=msgspec.Struct)


async def with_addresses(call: Call, page: Page[T]) -> Page[T]:
    """Return a page whose things (they have `account_id` and `address`) name the address of their accounts.

    Who may see the thing may see whose it is: only what is on the page already is looked up.
    """
    known: dict[str, str] = {}
    return Page([msgspec.structs.replace(one, address=await _login(call, one, known)) for one in page.items], page.next)


async def with_address(call: Call, one: T) -> T:
    """The same for one thing that is answered alone."""
    return msgspec.structs.replace(one, address=await _login(call, one, {}))


async def _login(call: Call, one: Any, known: dict[str, str]) -> str:
    if one.account_id not in known:
        try:
            known[one.account_id] = (await call.services.directory.account(AccountId(int(one.account_id)))).login
        except NotFound:
            known[one.account_id] = ""
    return known[one.account_id]
