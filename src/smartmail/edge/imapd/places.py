"""Where a name on the wire lies: the account and the mailbox.

The one place that knows which names are the own account's and which are somebody else's (RFC 2342 §5): those of other
people lie below `OTHERS`, those of shared accounts below `SHARED`, one level for each account, named by its login. What the
actor may not see does not exist.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.mailbox import OTHERS, SHARED, Mailbox, is_reserved
from smartmail.domain.principal import Actor
from smartmail.edge.imapd.dialog import Dialog
from smartmail.edge.imapd.names import DELIMITER, name_of, path_of
from smartmail.proto.imap.commands import MailboxFilter, Where
from smartmail.service.catalogue import Services

_KINDS = {OTHERS: "person", SHARED: "shared"}
_LEVELS = {kind: level for level, kind in _KINDS.items()}


@dataclass(frozen=True, slots=True)
class Place:
    """A mailbox that the actor can see. `name`: on the wire."""

    account_id: AccountId
    mailbox: Mailbox
    name: str


async def where(services: Services, actor: Actor, name: str) -> tuple[AccountId, tuple[str, ...]]:
    """Return the account that a name lies in and the path there, which need not exist. Raises NotFound (account)."""
    path = path_of(name)
    if path[0] not in _KINDS or len(path) < 2:
        return actor.account_id, path
    account_id = await _account(services, actor, path[1], _KINDS[path[0]])
    if account_id is None and path[0] == SHARED:
        # Own mailboxes are called so too.
        return actor.account_id, path
    if account_id is None or len(path) == 2:
        # The level of the account itself is no mailbox.
        raise NotFound
    return account_id, path[2:]


async def _account(services: Services, actor: Actor, login: str, kind: str) -> AccountId | None:
    """Return the account of others with that login and kind, if the actor may see something of it."""
    try:
        account = await services.sharing.account_named(actor, login)
    except NotFound:
        return None
    return account.id if account.kind == kind else None


async def locate(services: Services, actor: Actor, name: str) -> Place:
    """Return what a name stands for. Raises NotFound."""
    account_id, path = await where(services, actor, name)
    found = await services.mailboxes.find(actor, account_id, path)
    own = account_id == actor.account_id
    return Place(account_id, found, name_of(found) if own else foreign_name(path_of(name)[:2], found))


def foreign_name(above: tuple[str, ...], mailbox: Mailbox) -> str:
    """Return the name of a mailbox in somebody else's account, whose level is `above`."""
    return DELIMITER.join((*above, *mailbox.path))


async def own_places(services: Services, actor: Actor) -> list[Place]:
    """Return the mailboxes of the actor's own account; one that the others' level hides is left out."""
    own = await services.mailboxes.list_all(actor, actor.account_id)
    return [
        Place(actor.account_id, one, name_of(one)) for one in own if len(one.path) == 1 or not is_reserved(one.path)
    ]


async def foreign_places(services: Services, actor: Actor) -> list[Place]:
    """Return the mailboxes of others that the actor may see."""
    found: list[Place] = []
    for account in await services.sharing.accounts_for(actor):
        try:
            boxes = await services.mailboxes.list_all(actor, account.id)
        except NotFound:
            continue
        above = (_LEVELS[account.kind], account.login)
        found += [Place(account.id, one, foreign_name(above, one)) for one in boxes]
    return found


async def all_places(services: Services, actor: Actor) -> list[Place]:
    """Return every mailbox that the actor can see."""
    return await own_places(services, actor) + await foreign_places(services, actor)


async def chosen(dialog: Dialog, filters: Iterable[MailboxFilter]) -> list[Place]:
    """Return the mailboxes that filters name, none twice (RFC 5465 §6, RFC 7377 §2.2)."""
    places = await all_places(dialog.services, dialog.own())
    found: dict[str, Place] = {}
    for one in filters:
        found.update((place.name, place) for place in places if covers(one, place, dialog))
    return list(found.values())


def covers(one: MailboxFilter, place: Place, dialog: Dialog) -> bool:
    """Say whether a filter names a mailbox."""
    name, row = place.name, place.mailbox.row
    match one.where:
        case Where.SELECTED | Where.SELECTED_DELAYED:
            return is_selected(place, dialog)
        case Where.INBOXES:
            # RFC 5465 §6.3: those into which mail may be delivered.
            return row.role == "inbox"
        case Where.PERSONAL:
            return place.account_id == dialog.own().account_id
        case Where.SUBSCRIBED:
            return row.subscribed
        case Where.MAILBOXES:
            return name in one.names
        case Where.SUBTREE:
            return any(name == top or name.startswith(top + DELIMITER) for top in one.names)
        case Where.SUBTREE_ONE:
            return any(name == top or name.rpartition(DELIMITER)[0] == top for top in one.names)


def is_selected(place: Place, dialog: Dialog) -> bool:
    """Say whether a mailbox is the selected one."""
    here = dialog.selected
    return here is not None and (here.account_id, here.mailbox_id) == (place.account_id, place.mailbox.row.id)


def mailbox_code(actor: Actor, account_id: AccountId, mailbox_id: int) -> str:
    """Return MAILBOXID (RFC 8474 §4): ids count within an account, so those of others carry its number."""
    return f"F{mailbox_id}" if account_id == actor.account_id else f"F{account_id}_{mailbox_id}"
