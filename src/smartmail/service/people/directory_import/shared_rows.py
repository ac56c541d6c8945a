"""From rows of a table to shared accounts (공용메일) as they shall be, and rights as words in cells.

STRATEGIES  Three columns say who has rights on the whole account: managers (`manage`), members (`delete` where the cell says
            no more, else `WHOM/RIGHTS`), senders (send as it, or `WHOM/on-behalf`). A cell stands for all that its column
            says; an empty one leaves what is there. Rights on single mailboxes, and those of a post, are none of theirs.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from smartmail.domain.directory_import import Finding
from smartmail.domain.errors import NotFound
from smartmail.domain.rights import (
    LETTERS,
    NOTHING,
    SEND_AS,
    SEND_ON_BEHALF,
    SENDING,
    SHARE_ROLES,
    Grantee,
    share_role,
)
from smartmail.service.people.directory_import.drafts import Record, several

MANAGERS: Final = "managers"
MEMBERS: Final = "members"
SENDERS: Final = "senders"
ON_BEHALF: Final = "on-behalf"
_MEMBER: Final = "delete"

Grants = dict[Grantee, frozenset[str]]
Named = Callable[[str], Awaitable[Grantee]]
"""Says whom a word means. Raises NotFound."""


class RowError(Exception):
    """A cell that is wrong."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


@dataclass(frozen=True, slots=True)
class Shared:
    """A shared account: what it is called and who has which rights on the whole of it."""

    name: str
    grants: Grants


async def wanted_grants(record: Record, stands: Mapping[Grantee, frozenset[str]], named: Named) -> Grants:
    """Return the rights that shall be, from those that are and three cells. Raises RowError."""
    made: Grants = dict(stands)
    managers = await _named(record, MANAGERS, named)
    members = await _named(record, MEMBERS, named)
    senders = await _named(record, SENDERS, named)
    if managers is not None:
        made = {who: one & SENDING if _manages(one) else one for who, one in made.items()}
    if members is not None:
        made = {who: one if _manages(one) else one & SENDING for who, one in made.items()}
        for who, said in members.items():
            letters = _letters(record, said)
            made[who] = made.get(who, NOTHING) if _manages(made.get(who, NOTHING)) else letters | _sent(made, who)
    for who in managers or {}:
        made[who] = SHARE_ROLES["manage"] | _sent(made, who)
    if senders is not None:
        made = {who: one - SENDING for who, one in made.items()}
        for who, said in senders.items():
            made[who] = made.get(who, NOTHING) | _sending(record, said)
    return {who: one for who, one in made.items() if one}


async def _named(record: Record, column: str, named: Named) -> dict[Grantee, str] | None:
    """Return whom a cell names, each with what stands behind the slash; None where the cell says nothing."""
    cell = record.get(column)
    if cell is None:
        return None
    found: dict[Grantee, str] = {}
    for word in several(cell):
        try:
            who, said = await _meant(word, named)
        except NotFound:
            raise RowError(record.wrong(column, "no-such-account", word)) from None
        found[who] = said
    return found


async def _meant(word: str, named: Named) -> tuple[Grantee, str]:
    """Return whom a word means, with what it says behind a slash. Raises NotFound."""
    try:
        return await named(word), ""
    except NotFound:
        whom, slash, said = word.rpartition("/")
        if not slash:
            raise
        return await named(whom.strip()), said.strip()


def _letters(record: Record, said: str) -> frozenset[str]:
    role = next((held for name, held in SHARE_ROLES.items() if name == (said or _MEMBER)), None)
    if role is not None:
        return role
    if not set(said) <= set(LETTERS):
        raise RowError(record.wrong(MEMBERS, "no-such-right", said))
    return frozenset(said)


def _sending(record: Record, said: str) -> frozenset[str]:
    if said not in {"", ON_BEHALF}:
        raise RowError(record.wrong(SENDERS, "no-such-right", said))
    return frozenset({SEND_ON_BEHALF if said else SEND_AS})


def _sent(made: Grants, who: Grantee) -> frozenset[str]:
    return made.get(who, NOTHING) & SENDING


def _manages(rights: frozenset[str]) -> bool:
    return share_role(rights) == "manage"


def cells(grants: Mapping[str, frozenset[str]]) -> tuple[str, str, str]:
    """Return managers, members and senders as cells; `grants` by the words that name them."""
    managers = [whom for whom, one in grants.items() if _manages(one)]
    members = [_with_rights(whom, one) for whom, one in grants.items() if one - SENDING and not _manages(one)]
    senders = [whom if SEND_AS in one else f"{whom}/{ON_BEHALF}" for whom, one in grants.items() if one & SENDING]
    return ";".join(sorted(managers)), ";".join(sorted(members)), ";".join(sorted(senders))


def _with_rights(whom: str, rights: frozenset[str]) -> str:
    role = share_role(rights)
    if role == _MEMBER:
        return whom
    return f"{whom}/{''.join(one for one in LETTERS if one in rights) if role == 'custom' else role}"
