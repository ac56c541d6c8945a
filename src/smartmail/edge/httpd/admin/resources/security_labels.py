"""/security-labels: the security labels (보안등급) of an organization."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from smartmail.domain import security_labels
from smartmail.domain.errors import NotFound
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Count, Input, Output, Page, part

Rank = Annotated[int, Meta(ge=0, le=security_labels.MAX_RANK)]


class SecurityLabel(Output, frozen=True):
    """A security label. `rank`: replies and forwards never carry a lower one. `outside`: whether mail with it goes to other
    companies. `mark`: the name is put before the subject. `usual`: the label of mail for which nobody chose one. `line`: the
    approval line that decides whether it goes out and whether a reply carries less; empty: the administrators. `term`: the days after which mail with it counts
    as of the label `then`, or of none; 0: it stays.
    """

    id: str
    name: str
    rank: Count
    outside: str
    mark: bool
    usual: bool
    line: str
    term: Count
    then: str


class SecurityLabelUpdate(Input, frozen=True):
    """A security label to create or change."""

    name: Annotated[str, Meta(min_length=1, max_length=security_labels.MAX_NAME)]
    rank: Rank
    outside: Literal["allow", "approve", "refuse"] = "allow"
    mark: bool = False
    usual: bool = False
    line: Annotated[str, Meta(max_length=security_labels.MAX_LINE)] = ""
    term: Annotated[int, Meta(ge=0, le=security_labels.MAX_TERM)] = 0
    then: Annotated[str, Meta(max_length=32)] = ""


api = Resource(asks="organization")
_LABELS = "/security-labels"


@api.get(
    _LABELS, "The security labels of the organization, the lowest first.", "policy.read", cli="security-label list"
)
async def _list(call: Call) -> Page[SecurityLabel]:
    return part(await call.services.security_labels.of(call.home), lambda one: one.id, call.page, _told)


@api.put(
    f"{_LABELS}/{{label}}", "Create or change a security label.", "policy.change", SecurityLabelUpdate,
    cli="security-label put name --rank --outside --mark --usual --line --term --then",
)  # fmt: skip
async def _put(call: Call) -> SecurityLabel:
    await call.may(Scope("organization", str(int(call.home))))
    label = security_labels.SecurityLabel(id=call.path["label"], **msgspec.structs.asdict(call.body))
    others = [one for one in await call.services.security_labels.of(call.home) if one.id != label.id]
    await call.services.security_labels.replace(call.actor, call.home, (*others, label))
    return _told(label)


@api.delete(
    f"{_LABELS}/{{label}}", "Remove a security label; mail that carries it keeps the mark.", "policy.change",
    cli="security-label remove",
)  # fmt: skip
async def _remove(call: Call) -> None:
    await call.may(Scope("organization", str(int(call.home))))
    kept = await call.services.security_labels.of(call.home)
    others = tuple(one for one in kept if one.id != call.path["label"])
    if len(others) == len(kept):
        raise NotFound
    await call.services.security_labels.replace(call.actor, call.home, others)


def _told(one: security_labels.SecurityLabel) -> SecurityLabel:
    return SecurityLabel(one.id, one.name, one.rank, one.outside, one.mark, one.usual, one.line, one.term, one.then)
