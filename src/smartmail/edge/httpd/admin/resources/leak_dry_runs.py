"""/leak-dry-runs: what leak rules would have done with the mail of the last days. Nothing follows from it."""

from typing import Annotated, Any

from msgspec import Meta, convert

from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.leak_rules import LeakRuleCreate, rule_of
from smartmail.edge.httpd.admin.shapes import Count, Id, Input, Output, Page, Time, cut, time_of, time_or_none
from smartmail.service.flow.leak_dry_run import LEAK_DRY_RUN, Asked, Tally
from smartmail.service.operations.admin_jobs import JobView


class LeakDryRunStart(Input, frozen=True):
    """A dry run over the mail of the last `days`. `begin`: rules that do not exist yet; `on`, `end`: rules in force that would
    act, or end; `share`: percent of the time in which it works.
    """

    days: Annotated[int, Meta(ge=1, le=92)] = 7
    on: Annotated[list[Id], Meta(max_length=100)] = []  # noqa: RUF012 -- msgspec copies it
    end: Annotated[list[Id], Meta(max_length=100)] = []  # noqa: RUF012 -- msgspec copies it
    begin: Annotated[list[LeakRuleCreate], Meta(max_length=100)] = []  # noqa: RUF012 -- msgspec copies it
    share: Annotated[int, Meta(ge=1, le=100)] = 50


class LeakDryRunCount(Output, frozen=True):
    """How many messages, by an action or a reason."""

    name: str
    messages: Count


class LeakDryRunTried(Output, frozen=True):
    """A rule that is tried. `change`: begin, on or end; `id` below 0: it does not exist yet."""

    change: str
    id: str
    name: str


class LeakDryRunRule(Output, frozen=True):
    """How many messages a rule matched, by the rules in force and by those that are tried. `id` below 0: it does not exist yet."""

    id: str
    name: str
    before: Count
    after: Count


class LeakDryRunSender(Output, frozen=True):
    """An account whose messages would newly be stopped."""

    account_id: Id
    messages: Count


class LeakDryRunFinding(Output, frozen=True):
    """A masked finding of an example."""

    detector: str
    masked: str
    place: str


class LeakDryRunExample(Output, frozen=True):
    """A message whose verdict changes."""

    at: Time
    account_id: Id
    before: str
    after: str
    rule: str
    findings: list[LeakDryRunFinding]


class LeakDryRun(Output, frozen=True):
    """A dry run. `done` of `total` messages; counts grow while it runs and stay when it is stopped.

    `since`, `until`: the mail of which time; they and `tried` are known when it has begun.

    `before`, `after`: messages by the action of the rules in force and of those that are tried; `unjudged`: messages by the
    reason why they could not be judged: gone, damaged, unreadable, shared (sent from a shared mailbox), no-recipient, exit
    (rules tell ways apart that are not known any more); `unsure`: facts in rules whose values have changed since.
    """

    id: Id
    state: str
    done: Count
    total: Count
    created_at: Time
    started_at: Time | None
    ended_at: Time | None
    cancelling: bool
    error: str
    detail: str
    since: Time | None
    until: Time | None
    tried: list[LeakDryRunTried]
    judged: Count
    newly_stopped: Count
    no_longer_stopped: Count
    changed: Count
    before: list[LeakDryRunCount]
    after: list[LeakDryRunCount]
    rules: list[LeakDryRunRule]
    unjudged: list[LeakDryRunCount]
    senders: list[LeakDryRunSender]
    examples: list[LeakDryRunExample]
    unsure: list[str]


TOP = 20
"""Senders that are listed."""

api = Resource(asks="organization")
_ONE = "/leak-dry-runs/{id}"


@api.post(
    "/leak-dry-runs", "Start a dry run of leak rules over the mail of the last days.", "leak.change", LeakDryRunStart, status=202,
    cli="leak-dry-run start",
)  # fmt: skip
async def _start(call: Call) -> LeakDryRun:
    body = call.body
    request = await call.services.leak_dry_run.request(
        call.actor, body.days, [rule_of(one) for one in body.begin], end=[int(one) for one in body.end],
        on=[int(one) for one in body.on], share=body.share,
    )  # fmt: skip
    return _dry_run(await call.services.admin_api.jobs.start(call.actor, LEAK_DRY_RUN, request))


@api.get(
    "/leak-dry-runs", "Dry runs of leak rules, newest first.", "leak.read", cli="leak-dry-run list",
    columns="id state done total judged newlyStopped noLongerStopped createdAt",
)  # fmt: skip
async def _list(call: Call) -> Page[LeakDryRun]:
    page = call.page
    rows = await call.services.admin_api.jobs.list_all(call.home, page.after_number, page.limit + 1, LEAK_DRY_RUN)
    return cut(rows, lambda one: one.row.id, page, _dry_run)


@api.get(_ONE, "A dry run of leak rules.", "leak.read", cli="leak-dry-run show")
async def _show(call: Call) -> LeakDryRun:
    return _dry_run(await call.services.admin_api.jobs.job(call.home, call.number(), LEAK_DRY_RUN))


@api.post(f"{_ONE}/stop", "Stop a dry run; what it has counted stays.", "leak.change", cli="leak-dry-run stop")
async def _stop(call: Call) -> LeakDryRun:
    jobs = call.services.admin_api.jobs
    await jobs.job(call.home, call.number(), LEAK_DRY_RUN)
    return _dry_run(await jobs.cancel(call.actor, call.home, call.number()))


def _dry_run(view: JobView) -> LeakDryRun:
    kept: dict[str, Any] = view.result or {}
    tally = convert(kept.get("tally", {}), Tally)
    asked = convert(kept["asked"], Asked) if "asked" in kept else None
    top = sorted(tally.senders.items(), key=lambda one: (-one[1], int(one[0])))[:TOP]
    return LeakDryRun.from_row(
        view.row, detail=view.detail, since=time_or_none(asked.since if asked else None),
        until=time_or_none(asked.until if asked else None),
        tried=[LeakDryRunTried(one.change, str(one.id), one.name) for one in (asked.rules if asked else ())],
        judged=tally.judged, newly_stopped=tally.newly_stopped, no_longer_stopped=tally.no_longer_stopped,
        changed=tally.changed, before=_counts(tally.before), after=_counts(tally.after), unjudged=_counts(tally.unjudged),
        unsure=list(kept.get("unsure", ())),
        rules=[LeakDryRunRule(str(one.id), one.name, one.before, one.after) for one in tally.rules.values()],
        senders=[LeakDryRunSender(account_id, messages) for account_id, messages in top],
        examples=[
            LeakDryRunExample(
                time_of(one.at), str(one.account_id), one.before, one.after, one.rule,
                [LeakDryRunFinding(*each) for each in one.findings],
            )
            for one in tally.examples
        ],
    )  # fmt: skip


def _counts(counts: dict[str, int]) -> list[LeakDryRunCount]:
    return [LeakDryRunCount(name, number) for name, number in sorted(counts.items())]
