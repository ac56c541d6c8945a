"""Things by what people call them: an address for an account, a name where the API has an id."""

import msgspec

from smartmail.app.cli import exits, opening
from smartmail.app.cli.operations.calling import Local
from smartmail.app.node import Node
from smartmail.domain.ids import OrganizationId
from smartmail.edge.httpd.admin.operation import Operation, number_of
from smartmail.edge.httpd.admin.table import OPERATIONS

_NAMES = ("id", "name", "address", "label", "login", "title")


async def account_id(node: Node, text: str) -> str:
    """Return the id of an account that was named by id or address. Raises CommandError."""
    if number_of(text) is not None:
        return text
    return str(int((await opening.find_account(node, text)).id))


async def place_of(node: Node, local: Local, operation: Operation, name: str, text: str) -> str:
    """Return the part of the path for what was typed. Raises CommandError."""
    before = operation.path.partition(f"/{{{name}}}")[0]
    if name == "account" or before in {"/accounts", "/temporary-accounts"}:
        return await account_id(node, text)
    if name != "id" or number_of(text) is not None:
        return text
    listing = next((one for one in OPERATIONS if (one.method, one.path) == ("GET", before) and one.paged), None)
    if listing is None or listing.places:
        return text
    things = msgspec.json.decode(await local.whole(listing, {}, {}, 0))["items"]
    found = [one["id"] for one in things if any(one.get(word) == text for word in _NAMES)]
    if len(found) != 1:
        why = "There are several" if found else "There is nothing"
        raise opening.CommandError(f"{why} called {text!r} among {before[1:]}: give its id.", exits.of("not_found"))
    return str(found[0])


async def scope_of(node: Node, text: str) -> str:
    """Return a scope as the API names it, for one that people named (`department:영업`)."""
    scope = await node.services.governing.scope(text)
    return f"{scope.level}:{scope.subject}".rstrip(":")


async def organization_of(node: Node, name: str | None) -> OrganizationId:
    """Return the organization of that name or number; without a name the only one, or 0 for none in particular."""
    found = await node.store.organizations()
    if name is None:
        return found[0].id if len(found) == 1 else OrganizationId(0)
    for one in found:
        if name in {one.name, str(one.id)}:
            return one.id
    raise opening.CommandError(
        f"There is no organization {name}. ./smartmail organization list shows all.", exits.of("not_found")
    )
