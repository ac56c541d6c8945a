"""/sender-rules: allowed and blocked senders of an organization, a domain, a department or an account."""

from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.errors import Invalid
from smartmail.domain.policy import Scope
from smartmail.domain.quarantine import RulePlace
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.policy import ScopeText, scope_of
from smartmail.edge.httpd.admin.shapes import (
    Count,
    Id,
    Input,
    Output,
    Page,
    Time,
    milliseconds,
    part,
)
from smartmail.service.protection.filtering.lists import Listed

Kind = Literal["address", "domain", "network", "country", "url", "file"]


class SenderRule(Output, frozen=True):
    """A rule that allows or blocks a sender."""

    id: Id
    act: str
    kind: str
    subject: str
    author: str
    created_at: Time
    expires_at: Time | None
    hits: Count
    hit_at: Time | None


class SenderRuleCreate(Input, frozen=True):
    """A sender to allow or block. `kind` null: derived from the subject."""

    scope: ScopeText
    act: Literal["allow", "block"]
    subject: Annotated[str, Meta(min_length=1, max_length=1000)]
    kind: Kind | None = None
    expires_at: Time | None = None


class SenderRuleQuery(Input, frozen=True):
    """Whose rules."""

    scope: ScopeText


api = Resource()


async def _place(call: Call, text: str) -> RulePlace:
    scope = scope_of(text)
    if scope.level == "group":
        raise Invalid(
            "rules are of the system, an organisation, a domain, a department or an account", reason="scope.form"
        )
    await call.may(Scope(scope.level, scope.subject))
    return RulePlace(scope.level, scope.subject)


@api.get("/sender-rules", "Sender rules of a scope.", "spam.read", query=SenderRuleQuery, cli="sender list")
async def _list(call: Call) -> Page[SenderRule]:
    rows = await call.services.sender_lists.rules(await _place(call, call.query.scope))
    return part(rows, lambda one: one.row.id, call.page, _told)


@api.post(
    "/sender-rules", "Allow or block a sender.", "spam.change", SenderRuleCreate, status=201,
    cli=("sender allow act=allow subject --kind --expiresAt", "sender block act=block subject --kind --expiresAt"),
)  # fmt: skip
async def _put(call: Call) -> SenderRule:
    body = call.body
    place = await _place(call, body.scope)
    until = None if body.expires_at is None else milliseconds(body.expires_at)
    made = call.services.sender_lists.put(call.actor, place, body.act, body.subject, body.kind, until)
    return _told(await made)


@api.delete("/sender-rules/{id}", "Remove a sender rule.", "spam.change", query=SenderRuleQuery, cli="sender remove")
async def _remove(call: Call) -> None:
    place = await _place(call, call.query.scope)
    await call.services.sender_lists.remove(call.actor, place, call.number())


def _told(one: Listed) -> SenderRule:
    row = one.row
    return SenderRule.from_row(row, subject=one.subject)
