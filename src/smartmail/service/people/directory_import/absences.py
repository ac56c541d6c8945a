"""Leave and secondment in tables of people: the words of a state column, the acts that they come to, and taking these back.

A table says that somebody is away, not how: doors are shut and mail waits, until an administrator says otherwise. Who is
away already stays away as they are; only a word for being at work lets them return, not one for having an account.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from smartmail.domain.absence import Absence, AbsenceKind, Away
from smartmail.domain.directory_import import Act, Outcome
from smartmail.domain.errors import MailError
from smartmail.domain.ids import AccountId
from smartmail.domain.organization import Step
from smartmail.domain.principal import Actor
from smartmail.service.people.directory_import.columns import plain
from smartmail.service.people.directory_import.drafts import DONE, UNDONE, failed, left, left_by
from smartmail.service.people.directory_import.working import CHANGED
from smartmail.service.people.organization import AbsenceShown, PeopleService

_LEAVE: Final = frozenset(
    map(plain, ("on leave", "leave", "휴직", "휴직중", "休職", "休職中", "休假", "停职", "留職停薪"))
)
_SECONDED: Final = frozenset(
    map(plain, ("secondment", "seconded", "파견", "파견중", "出向", "出向中", "外派", "派驻", "派駐"))
)
_HERE: Final = frozenset(
    map(plain, ("at work", "working", "재직", "재직중", "복직", "在職", "在職中", "復職", "在职", "复职"))
)
AWAY_WORDS: Final = _LEAVE | _SECONDED
HERE_WORDS: Final = _HERE


def read(text: str) -> AbsenceKind | bool | None:
    """Return how somebody is away by a cell; False: they are at work; None: the cell does not say."""
    word = plain(text)
    if word in _LEAVE:
        return "leave"
    if word in _SECONDED:
        return "secondment"
    return False if word in _HERE else None


def acts_of(present: Mapping[AccountId, Absence], wanted: Iterable[tuple[AccountId, str, int, str]]) -> list[Act]:
    """Return what lets people (account, login, line, cell) be away and come back."""
    acts = []
    for account_id, login, line, cell in wanted:
        kind, known = read(cell), present.get(account_id)
        if isinstance(kind, str) and known is None:
            acts.append(Act(what="away", key=login, line=line, after={"account_id": int(account_id), "kind": kind}))
        elif kind is False and known is not None:
            acts.append(Act(what="return", key=login, line=line, after={"account_id": int(account_id)}))
    return acts


class AbsenceActs:
    """Does such acts."""

    def __init__(self, people: PeopleService) -> None:
        self._people = people

    async def perform(self, actor: Actor, acts: Sequence[tuple[int, Act]], out: dict[int, Outcome]) -> None:
        """Do acts; one that was done before is done. What there was is kept with the outcome, for the way back."""
        for place, act in acts:
            after = act.after or {}
            known = await self._people.absence(AccountId(after["account_id"]))
            if (known is not None) is (act.what == "away"):
                out[place] = DONE
                continue
            before = None if known is None else _kept(known)
            try:
                await self._people.perform(actor, _step(act, after.get("kind", "leave")))
                out[place] = Outcome(ending="done", account_id=after["account_id"], after=before)
            except MailError as error:
                out[place] = failed(error)

    async def revert(
        self, actor: Actor, acts: Sequence[tuple[int, Act]], outcomes: Sequence[Outcome], out: dict[int, Outcome]
    ) -> None:
        """Take acts back: who was away is so again as before."""
        for place, act in acts:
            if place in out:
                continue
            number = AccountId((act.after or {})["account_id"])
            known = await self._people.absence(number)
            if (known is None) is (act.what == "away"):
                out[place] = UNDONE
                continue
            before = outcomes[place].after
            if act.what == "return" and before is None:
                out[place] = left(CHANGED)
                continue
            step = Step(kind="return", account_id=number)
            if act.what == "return":
                step = Step(kind="away", account_id=number, away=msgspec.convert(before, Away))
            try:
                await self._people.perform(actor, step)
                out[place] = UNDONE
            except MailError as error:
                out[place] = left_by(error)


def _step(act: Act, kind: AbsenceKind) -> Step:
    number = (act.after or {})["account_id"]
    if act.what == "return":
        return Step(kind="return", account_id=number)
    return Step(kind="away", account_id=number, away=Away(kind=kind))


def _kept(one: AbsenceShown) -> dict[str, Any]:
    row, text = one.row, one.text
    away = Away(
        kind=row.kind, until=row.until, shut=row.shut, mail=row.mail, substitute=int(row.substitute_id),
        answer=text.answer, place=text.place, reason=text.reason,
    )  # fmt: skip
    found: dict[str, Any] = msgspec.to_builtins(away)
    return found
