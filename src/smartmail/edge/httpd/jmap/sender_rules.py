"""SenderRule/get, set: whom a person lets through and keeps out. A rule is made and destroyed, never changed."""

from typing import Any, cast

from smartmail.domain.errors import Invalid, MailError, OverQuota
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.jmap.context import Call, parse_time, show_time
from smartmail.edge.httpd.jmap.object_type import Objects, ObjectType, digest, never
from smartmail.edge.httpd.jmap.setting import Refused, converted, refuse, why
from smartmail.proto.jmap import core
from smartmail.proto.jmap import numbers as names
from smartmail.proto.jmap.errors import SetError
from smartmail.proto.jmap.quarantine import SenderRuleObject, SenderRuleWish
from smartmail.service.protection.filtering.lists import Listed, own_place


async def _create(call: Call, account_id: AccountId, raw: dict[str, Any]) -> dict[str, Any]:
    wish = converted(raw, SenderRuleWish, "subject")
    expires_at = None if wish.expires_at is None else parse_time(wish.expires_at)
    made = await call.context.services.sender_lists.put(
        call.context.actor, own_place(account_id), wish.action, wish.subject, wish.kind, expires_at
    )
    shown = core.project(_show(made), SenderRuleObject.__struct_encode_fields__)
    return {name: value for name, value in shown.items() if name == "id" or raw.get(name) != value}


async def _destroy(call: Call, account_id: AccountId, target: str) -> None:
    number = names.parse(names.SENDER_RULE, target) or 0
    await call.context.services.sender_lists.remove(call.context.actor, own_place(account_id), number)


def _told(error: Refused | MailError) -> SetError:
    if isinstance(error, Invalid):
        return why(refuse("subject", description=error.public))
    return SetError("overQuota", error.public) if isinstance(error, OverQuota) else why(error)


async def _every(call: Call, account_id: AccountId) -> dict[str, SenderRuleObject]:
    found = await call.context.services.sender_lists.rules(own_place(account_id))
    return {names.show(names.SENDER_RULE, one.row.id): _show(one) for one in found}


def _digest(every: Objects) -> str:
    # Hits are no change that anybody needs to hear of.
    rules = cast("dict[str, SenderRuleObject]", every)
    return digest([(one.id, one.action, one.expires_at) for one in rules.values()])


def _show(one: Listed) -> SenderRuleObject:
    row = one.row
    return SenderRuleObject(
        id=names.show(names.SENDER_RULE, row.id),
        action=row.act,
        kind=row.kind,
        subject=one.subject,
        created_at=show_time(row.created_at),
        expires_at=None if row.expires_at is None else show_time(row.expires_at),
        hits=row.hits,
        last_hit_at=None if row.hit_at is None else show_time(row.hit_at),
    )


TYPE = ObjectType(
    shape=SenderRuleObject,
    every=_every,
    digest=_digest,
    letter=names.SENDER_RULE,
    create=_create,
    update=never("a rule is made and destroyed; a new one takes its place"),
    destroy=_destroy,
    told=_told,
)
