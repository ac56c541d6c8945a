"""Access rules with their history, travel passes, countries of accounts (ports.store_access.AccessStore)."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from smartmail.adapters.sql.declared import changed, every, required
from smartmail.adapters.sql.epochs import newest_epoch, raise_epoch
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Row, Session, row_of
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.transactions import change_by, read_aside_by
from smartmail.domain.access import AccessRule, Action, CountryUse, PassState, TravelPass, Visit, Window
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import StateMismatch
from smartmail.domain.ids import AccountId
from smartmail.domain.policy import Scope
from smartmail.ports.store_access import AccessStore

_RULE = "id, level, subject, body, locked, authority, valid_from, valid_until"
_RULES = f"select {_RULE} from access_rule where until_epoch is null order by id"
_THEN = "since_epoch <= $1 and (until_epoch is null or until_epoch > $1)"
_RULES_THEN = f"select {_RULE} from access_rule where {_THEN} order by id"
_BEGIN = """insert into access_rule (level, subject, body, locked, authority, valid_from, valid_until, since_epoch)
    values ($1, $2, $3, $4, $5, $6, $7, $8) returning id"""
_END = "update access_rule set until_epoch = $2 where id = $1 and until_epoch is null returning id"
# A pass is no policy: a return leaves it as it was decided.
_OF_LEAVE = "exists (select 1 from travel_pass p where p.rule_id = access_rule.id)"
_END_NEWER = f"""update access_rule set until_epoch = $2 where until_epoch is null and since_epoch > $1
    and not {_OF_LEAVE}"""
_BEGIN_AGAIN = f"""insert into access_rule (level, subject, body, locked, authority, valid_from, valid_until, since_epoch)
    select level, subject, body, locked, authority, valid_from, valid_until, $2 from access_rule
    where since_epoch <= $1 and until_epoch > $1 and not {_OF_LEAVE} order by id"""
_END_OF_GROUP = """update access_rule set until_epoch = $2 where level = 'group' and subject = $1
    and until_epoch is null"""

_TRAVEL = Shape(TravelPass)
_TRAVEL_PASS_VALUES = _TRAVEL.values(
    "account_id, organization_id, country, valid_from, valid_until, state, asked_at, sealed_reason"
)
_ASK = f"""insert into travel_pass (account_id, organization_id, country, valid_from, valid_until, state, asked_at,
    sealed_reason) values ($1, $2, $3, $4, $5, $6, $7, $8) returning {_TRAVEL}"""
_ONE = f"select {_TRAVEL} from travel_pass where id = $1"
_OF = f"select {_TRAVEL} from travel_pass where account_id = $1 order by id desc limit $2"
_IN = f"select {_TRAVEL} from travel_pass where organization_id = $1 order by id desc limit $2"
_DECIDE = f"""update travel_pass set state = $3, decided_at = $4, decided_by = $5, rule_id = $6
    where id = $1 and state = $2 returning {_TRAVEL}"""
_ENDING = f"""select {_TRAVEL} from travel_pass where valid_until > $1 and valid_until <= $2 and state = 'granted'
    and warned_at is null order by valid_until limit $3"""
_WARN = "update travel_pass set warned_at = $2 where id = $1 and warned_at is null returning id"

_LAST = "select country, last_at from account_country where account_id = $1 order by last_at desc limit 1"
_HAS = "select 1 from account_country where account_id = $1 and country = $2"
_NOTE = """insert into account_country (account_id, country, first_at, last_at) values ($1, $2, $3, $3)
    on conflict (account_id, country) do update set last_at = excluded.last_at
    where excluded.last_at > account_country.last_at"""
_COUNTRIES = """select country, first_at, last_at from account_country where account_id = $1
    order by last_at desc, country"""
_CLAIM = """insert into access_notice (account_id, kind, what, at) values ($1, $2, $3, $4)
    on conflict (account_id, kind, what) do update set at = excluded.at where access_notice.at <= $5 returning at"""


async def return_access(session: Session, then: int, epoch: int) -> None:
    """Let the access rules of a past epoch hold again from `epoch` on."""
    await session.run(_END_NEWER, then, epoch)
    await session.run(_BEGIN_AGAIN, then, epoch)


async def end_of_group(session: Session, group_id: int, epoch: int) -> None:
    """End the access rules for a group that is no more."""
    await session.run(_END_OF_GROUP, str(group_id), epoch)


def _body(rule: AccessRule) -> str:
    window = rule.window
    data = {
        "action": rule.action, "mode": rule.mode, "countries": rule.countries, "channels": rule.channels,
        "networks": rule.networks, "condition": rule.condition, "private": rule.private, "unknown": rule.unknown,
        "window": None if window is None else [window.since, window.until, window.days, window.zone],
    }  # fmt: skip
    return json.dumps(data, ensure_ascii=False)


def _stored(rule: AccessRule, epoch: int) -> tuple[object, ...]:
    return (
        rule.scope.level, rule.scope.subject, _body(rule), int(rule.locked), rule.authority or "", rule.valid_from,
        rule.valid_until, epoch,
    )  # fmt: skip


def _rule(row: Row) -> AccessRule:
    body: dict[str, Any] = json.loads(row[3])
    window = body["window"]
    return AccessRule(
        Scope(row[1], row[2]), body["action"], body["mode"], tuple(body["countries"]), tuple(body["channels"]),
        tuple(body["networks"]),
        None if window is None else Window(window[0], window[1], tuple(window[2]), window[3]),
        body["condition"], body["private"], _unknown(body["unknown"]), bool(row[4]), row[5] or None, row[6], row[7], row[0],
    )  # fmt: skip


def _unknown(kept: str | bool) -> Action:
    """Return what a rule does where no country is known. Until ADR 76 it was whether that is foreign, by default so."""
    if isinstance(kept, bool):
        return "notify" if kept else "allow"
    return cast("Action", kept)


async def _rules(session: Session, epoch: int | None = None) -> tuple[int, list[AccessRule]]:
    newest = await newest_epoch(session)
    if epoch is None or epoch == newest:
        return newest, [_rule(one) for one in await session.rows(_RULES)]
    return epoch, [_rule(one) for one in await session.rows(_RULES_THEN, epoch)]


async def _revise(
    session: Session, expected: int, begin: Sequence[AccessRule], end: Sequence[int], audit: AuditRecord
) -> int:
    epoch = await raise_epoch(session, audit)
    if epoch != expected + 1:
        raise StateMismatch
    for number in end:
        await row_of(session, _END, number, epoch)
    for rule in begin:
        await session.row(_BEGIN, *_stored(rule, epoch))
    return epoch


async def _ask(session: Session, asked: TravelPass, audit: AuditRecord) -> TravelPass:
    row = await row_of(session, _ASK, *_TRAVEL_PASS_VALUES(asked))
    kept = _TRAVEL.of(row)
    await add_audit(session, replace(audit, object=f"pass:{kept.id}"), asked.account_id)
    return kept


async def _decide(
    session: Session, pass_id: int, was: PassState, state: PassState, rule: AccessRule | None, audit: AuditRecord
) -> TravelPass:
    row = await row_of(session, _ONE, pass_id)
    before = _TRAVEL.of(row)
    number = before.rule_id
    if rule is not None or number is not None:
        epoch = await raise_epoch(session, audit)
        if rule is not None:
            begun = await session.row(_BEGIN, *_stored(rule, epoch))
            number = None if begun is None else int(begun[0])
        elif number is not None:
            await session.row(_END, number, epoch)
    else:
        await add_audit(session, audit, before.account_id)
    decided = await session.row(_DECIDE, pass_id, was, state, audit.at, audit.actor, number)
    if decided is None:
        raise StateMismatch
    return _TRAVEL.of(decided)


async def _note_country(session: Session, account_id: AccountId, country: str, at: int) -> Visit:
    last = await session.row(_LAST, account_id)
    known = await session.row(_HAS, account_id, country)
    await session.run(_NOTE, account_id, country, at)
    return Visit("", 0, new=True) if last is None else Visit(last[0], last[1], new=known is None)


class SqlAccess(OnDatabase):
    """ports.store_access.AccessStore."""

    access_rules = read_aside_by(_rules)
    revise_access = change_by(_revise)
    ask_pass = change_by(_ask)
    travel_pass = required(AccessStore.travel_pass, _TRAVEL, _ONE)
    passes_of = every(AccessStore.passes_of, _TRAVEL, _OF)
    passes_in = every(AccessStore.passes_in, _TRAVEL, _IN)
    decide_pass = change_by(_decide)
    passes_ending = every(AccessStore.passes_ending, _TRAVEL, _ENDING)
    warn_pass = changed(AccessStore.warn_pass, _WARN)
    note_country = change_by(_note_country)
    countries_of = every(AccessStore.countries_of, Shape(CountryUse), _COUNTRIES)
    claim_notice = changed(AccessStore.claim_notice, _CLAIM)
