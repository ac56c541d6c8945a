"""Things by what people call them: an address for an account, a name where the API has an id."""

import msgspec

from smartmail.app.cli import exits, opening
from smartmail.app.cli.operations.calling import Local
from smartmail.app.node import Node
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.edge.httpd.admin.operation import Operation, number_of
from smartmail.edge.httpd.admin.table import OPERATIONS

_NAMES = ("id", "name", "address", "label", "login", "title", "code")
_OF_ACCOUNTS = {"/accounts", "/temporary-accounts", "/sending-blocks", "/sending-exceptions", "/role-accounts"}
"""Where the id of the path is that of an account."""


async def account_id(node: Node, text: str) -> str:
    """Return the id of an account that was named by id or address. Raises CommandError."""
    return text if number_of(text) is not None else str(int((await opening.find_account(node, text)).id))


def names_account(operation: Operation, name: str) -> bool:
    """Say whether a part of the path is an account."""
    return name == "account" or operation.path.partition(f"/{{{name}}}")[0] in _OF_ACCOUNTS


async def place_of(node: Node, local: Local, operation: Operation, name: str, text: str) -> str:
    """Return the part of the path for what was typed. Raises CommandError."""
    if names_account(operation, name):
        return await account_id(node, text)
    if name == "organization":
        return str(await organization_of(node, text))
    if name == "member" and text.startswith("group:"):
        return await scope_of(node, text)
    before = operation.path.partition("/{id}")[0]
    # Messages are named in hexadecimal too.
    is_named = name == "id" and before not in {"/queue", "/trace"}
    return await thing_of(local, before, text) if is_named else text


async def thing_of(local: Local, before: str, text: str) -> str:
    """Return the id of a thing of a list of the API that was named by id or name. Raises CommandError."""
    if number_of(text) is not None:
        return text
    listing = next((one for one in OPERATIONS if (one.method, one.path) == ("GET", before) and one.paged), None)
    if listing is None or listing.places:
        return text
    things = msgspec.json.decode(await local.whole(listing, {}, {}, 0))["items"]
    found = [one["id"] for one in things if any(one.get(word) == text for word in _NAMES)]
    found = found or [one["id"] for one in things if len(text) >= 4 and one["id"].startswith(text.lower())]
    if len(found) != 1:
        why = "There are several" if found else "There is nothing"
        raise opening.CommandError(f"{why} called {text!r} among {before[1:]}: give its id.", exits.of("not_found"))
    return str(found[0])


async def scope_of(node: Node, text: str) -> str:
    """Return a scope as the API names it, for one that people named (`department:영업`)."""
    scope = await node.services.governing.scope(text)
    return f"{scope.level}:{scope.subject}".rstrip(":")


async def organization_of(node: Node, name: str | None, account: str | None = None) -> OrganizationId:
    """Return the organization of that name or number; without a name that of the account that is named, or the only one, or
    0 for none in particular.
    """
    found = await node.store.organizations()
    if name is None and account is not None and len(found) > 1:
        return (await node.services.directory.account(AccountId(int(await account_id(node, account))))).organization_id
    if name is None:
        return found[0].id if len(found) == 1 else OrganizationId(0)
    for one in found:
        if name in {one.name, str(one.id)}:
            return one.id
    raise opening.CommandError(
        f"There is no organization {name}. ./smartmail organization list shows all.", exits.of("not_found")
    )
