"""Finds links of a chain by the facts that were copied into them, newest first.

STRATEGIES  Each fact has an index of its own after the organisation. With several facts the rarest of them leads, as a
            count up to FEW of each tells, and the others are looked at in the rows that it finds. What begins with a word
            is found as each of the few actions there are that do.
LIMITS      When all facts are common, the newest WALK records are looked at and no more: so far back at least a fact that
            is common is found, and what lies further back is asked for with `until`.
"""

from collections.abc import Sequence
from typing import Final

from smartmail.adapters.sql.session import Row, Session
from smartmail.domain.audit import AuditQuery
from smartmail.domain.ids import OrganizationId

FEW: Final = 20_000
WALK: Final = 200_000
_NEWEST: Final = (1 << 62) - 1
# From one action to the next by the index: links are many, actions some hundred.
_ACTIONS = """with recursive chain(action) as (
        select min(action) from audit_link where organization_id = $1 and action > ''
        union all
        select (select min(l.action) from audit_link l where l.organization_id = $1 and l.action > chain.action)
        from chain where chain.action is not null)
    select action from chain where action is not null"""


async def search_links(
    session: Session, columns: str, organization_id: OrganizationId, query: AuditQuery
) -> Sequence[Row]:
    """Return the rows of links that a query asks for."""
    span = (organization_id, query.since or 0, _NEWEST if query.until is None else query.until)
    facts = _facts(query)
    actions = await _actions(session, organization_id, query)
    if actions is not None and not actions:
        return []
    lead = await _rarest(session, span, facts, actions)
    if lead == "action":
        assert actions is not None
        return await _by_actions(session, columns, span, facts, actions, query.limit)
    return await _by_fact(session, columns, span, facts, actions, lead, query.limit)


def _facts(query: AuditQuery) -> dict[str, object]:
    wanted: dict[str, object] = {
        "actor": query.actor, "account_id": query.account_id, "door": query.door,
        "address": query.address, "country": query.country, "kind": query.kind,
    }  # fmt: skip
    return {name: value for name, value in wanted.items() if value not in {"", None}}


async def _actions(session: Session, organization_id: int, query: AuditQuery) -> list[str] | None:
    """Return the actions that may be among what is asked for, None for all."""
    exact = f"login.{query.result}" if query.result else ""
    if not query.action:
        return [exact] if exact else None
    if query.action[-1] in ".*":
        begin = query.action.rstrip("*")
        found = [row[0] for row in await session.rows(_ACTIONS, organization_id)]
        matching = [one for one in found if one.startswith(begin)]
    else:
        matching = [query.action]
    return [one for one in matching if not exact or one == exact]


async def _rarest(
    session: Session, span: tuple[int, int, int], facts: dict[str, object], actions: list[str] | None
) -> str | None:
    """Return the fact whose records are fewest; None when each has more than FEW, or nothing is asked for."""
    candidates: list[tuple[str, list[object]]] = [(name, [value]) for name, value in facts.items()]
    if actions is not None:
        candidates.append(("action", list(actions)))
    if len(candidates) == 1:
        return candidates[0][0]
    counts: list[tuple[int, str]] = []
    for name, values in candidates:
        count = 0
        for value in values:
            row = await session.row(_count(name), *span, value)
            count += row[0] if row else 0
            if count > FEW:
                break
        counts.append((count, name))
    return min(counts)[1] if counts and min(counts)[0] <= FEW else None


def _by(name: str) -> str:
    """Return the table with the index that the search goes by."""
    return f"audit_link l /* by audit_link_{name.removesuffix('_id')} */"


def _count(name: str) -> str:
    return f"""select count(*) from (select 1 from {_by(name)} where l.organization_id = $1 and l.at >= $2 and l.at < $3
        and l.{name} = $4 limit {FEW + 1}) as found"""  # a column of ours


async def _by_actions(
    session: Session, columns: str, span: tuple[int, int, int], facts: dict[str, object], actions: list[str], limit: int
) -> Sequence[Row]:
    rest, arguments = _rest(facts, 6)
    sql = f"""select {columns} from {_by("action")} where l.organization_id = $1 and l.at >= $2 and l.at < $3
        and l.action = $4{rest} order by l.at desc limit $5"""  # columns of ours
    found: list[Row] = []
    for one in actions:
        found += await session.rows(sql, *span, one, limit, *arguments)
    return _newest_first(found)[:limit]


_AT: Final = 7
"""Where `at` stands among the columns of a link; its number is the second."""


def _newest_first(rows: Sequence[Row]) -> list[Row]:
    # Not in SQL: an order that an index gives in part only makes PostgreSQL sort everything.
    return sorted(rows, key=lambda row: (row[_AT], row[1]), reverse=True)


async def _by_fact(
    session: Session,
    columns: str,
    span: tuple[int, int, int],
    facts: dict[str, object],
    actions: list[str] | None,
    lead: str | None,
    limit: int,
) -> Sequence[Row]:
    others = {name: value for name, value in facts.items() if name != lead}
    rest, arguments = _rest(others, 5)
    if actions is not None:
        rest += f" and (l.action || '') = any(${5 + len(arguments)})"
        arguments.append(list(actions))
    if lead is not None:
        rest += f" and l.{lead} = ${5 + len(arguments)}"
        arguments.append(facts[lead])
    if lead is not None or not arguments:
        sql = f"""select {columns} from {_by(lead or "at")} where l.organization_id = $1 and l.at >= $2 and l.at < $3{rest}
            order by l.at desc limit $4"""  # columns of ours
    else:
        sql = f"""select {columns} from (select * from audit_link where organization_id = $1 and at >= $2 and at < $3
            order by at desc limit {WALK}) as l where true{rest} order by l.at desc limit $4"""
    return _newest_first(await session.rows(sql, *span, limit, *arguments))


def _rest(facts: dict[str, object], first: int) -> tuple[str, list[object]]:
    """Return conditions that no index is used for, so that the leading one is."""
    text, arguments = "", list[object]()
    for name, value in facts.items():
        nothing = "+ 0" if name == "account_id" else "|| ''"
        text += f" and (l.{name} {nothing}) = ${first + len(arguments)}"
        arguments.append(value)
    return text, arguments
