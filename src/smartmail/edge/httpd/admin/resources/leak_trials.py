"""/leak-rules/try: the verdict on a message that is not sent, and how verdicts are shown."""

from dataclasses import replace
from typing import Annotated

from msgspec import Meta

from smartmail.domain.ids import AccountId
from smartmail.domain.leaks import Exit, LeakVerdict
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.leak_rules import LeakRuleCreate, action_written, rule_of
from smartmail.edge.httpd.admin.shapes import Address, Id, Input, Output, decoded


class LeakTryRequest(Input, frozen=True):
    """A message to try the leak rules on; nothing is sent. `message`: a whole one (RFC 5322) in base64, in the place of `subject`
    and `text`; `rule`: one that is not in force yet, tried as if it were on; `replaces`: the rule in whose place.
    """

    account: Annotated[Id, Meta(extra={"names": "account"})]
    recipients: Annotated[list[Address], Meta(min_length=1, max_length=100)]
    text: Annotated[str, Meta(max_length=1000000)] = ""
    subject: Annotated[str, Meta(max_length=1000)] = ""
    exit: Exit = "web"
    message: Annotated[str, Meta(max_length=1000000)] | None = None
    rule: LeakRuleCreate | None = None
    replaces: Id | None = None


class LeakFinding(Output, frozen=True):
    """A finding, masked. `place`: subject, body, name:FILE or file:FILE."""

    detector: str
    confidence: str
    masked: str
    place: str


class LeakTried(Output, frozen=True):
    """The outcome of a rule. `held` and `failed`: the parts of its condition that hold and that do not."""

    rule_id: Id
    name: str
    stage: str
    outcome: str
    held: list[str]
    failed: list[str]


class LeakVerdictShown(Output, frozen=True):
    """The verdict for a message; `action` null: it may leave as it is."""

    action: str | None
    rule: str | None
    actions: list[str]
    findings: list[LeakFinding]
    rules: list[LeakTried]


api = Resource(asks="anywhere")


@api.post(
    "/leak-rules/try", "Try the leak rules on a message that is not sent.", "leak.read", LeakTryRequest,
    cli="leak-rule try account recipients", asks="handler",
)  # fmt: skip
async def _try(call: Call) -> LeakVerdictShown:
    body = call.body
    await call.may(Scope("account", body.account))
    account, trying = AccountId(int(body.account)), call.services.leaks.trying
    rule = None if body.rule is None else replace(rule_of(body.rule), id=int(body.replaces or 0))
    if body.message is None:
        return _verdict(await trying.text(account, body.exit, body.recipients, body.subject, body.text, rule))
    message = decoded(body.message, "`message` is base64")
    return _verdict(await trying.message(account, body.exit, body.recipients, message, rule))


def _verdict(one: LeakVerdict) -> LeakVerdictShown:
    return LeakVerdictShown(
        None if one.action is None else action_written(one.action), None if one.rule is None else one.rule.name,
        [action_written(each) for each in one.actions],
        [LeakFinding(hit.detector, hit.confidence, hit.masked, hit.place) for hit in one.hits],
        [
            LeakTried(str(each.rule_id), each.name, each.stage, each.outcome, list(each.held), list(each.failed))
            for each in one.tried
        ],
    )  # fmt: skip
