"""/cases and /purges: reported phishing, and the removal of its messages from all mailboxes."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from smartmail.domain.cases import Wave
from smartmail.domain.errors import Invalid, NotFound
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.jobs import Task
from smartmail.edge.httpd.admin.resources.jobs import told as job_told
from smartmail.edge.httpd.admin.shapes import Count, Id, Input, Output, Page, Time, milliseconds, part, time_of
from smartmail.service.governance.cases.service import OpenCase
from smartmail.service.operations.admin_jobs import MAIL_PURGE

Note = Annotated[str, Meta(max_length=2000)]
Marks = Annotated[list[Annotated[str, Meta(min_length=1, max_length=998)]], Meta(max_length=100)]


class PhishingCase(Output, frozen=True):
    """Reports of one phishing campaign."""

    id: Id
    state: str
    reports: Count
    opened_at: Time
    changed_at: Time
    subject: str
    senders: list[str]
    hosts: list[str]
    note: str


class PhishingCaseUpdate(Input, frozen=True):
    """The new state of a case."""

    state: Literal["open", "examining", "confirmed", "dismissed"]
    note: Note = ""


class PhishingDesk(Output, frozen=True):
    """The address of the security desk (보안관제) that gets each new campaign with its evidence package, "" for none."""

    address: str


class PhishingDeskUpdate(Input, frozen=True):
    """The new address, "" for nobody."""

    address: Annotated[str, Meta(max_length=254)] = ""


class PurgeCreate(Input, frozen=True):
    """Messages that match any of these criteria. `digests`: SHA-256 of texts, `files`: of attachments."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    message_ids: Marks = []  # noqa: RUF012 -- a value of msgspec, copied for each
    senders: Marks = []  # noqa: RUF012
    digests: Marks = []  # noqa: RUF012
    urls: Marks = []  # noqa: RUF012
    files: Marks = []  # noqa: RUF012
    since: Time | None = None

    @property
    def wave(self) -> Wave:
        """Return it as a wave."""
        return Wave(
            tuple(self.message_ids), tuple(self.senders), tuple(self.digests), tuple(self.urls),
            milliseconds(self.since) if self.since else 0, self.reason, tuple(self.files),
        )  # fmt: skip


class PurgeDryRun(Output, frozen=True):
    """Number of accounts and messages that a purge would affect."""

    accounts: Count
    messages: Count


class Purge(Output, frozen=True):
    """A purge."""

    id: Id
    state: str
    author: str
    reason: str
    messages: Count
    started_at: Time


class PurgeUndoResult(Output, frozen=True):
    """Number of messages that were restored."""

    messages: Count


api = Resource(asks="organization")


@api.get(
    "/cases", "Reported phishing campaigns.", "case.read", cli="case list",
    columns="id state reports changedAt senders subject", asks="handler",
)  # fmt: skip
async def _list(call: Call) -> Page[PhishingCase]:
    home = await call.may_here()
    rows = await call.services.cases.list_all(home, 5_000)
    return part(rows, lambda one: one.row.id, call.page, _told)


@api.get("/cases/{id}", "One case.", "case.read", cli="case show")
async def _get(call: Call) -> PhishingCase:
    return _told(await call.services.cases.get(call.actor, call.number()))


@api.patch("/cases/{id}", "Change the state of a case.", "case.change", PhishingCaseUpdate, cli="case set state")
async def _change(call: Call) -> PhishingCase:
    await call.services.cases.change(call.actor, call.number(), call.body.state, call.body.note)
    return _told(await call.services.cases.get(call.actor, call.number()))


@api.get("/phishing-desk", "The security desk that hears of new cases.", "case.read", cli="case desk", asks="handler")
async def _desk(call: Call) -> PhishingDesk:
    return PhishingDesk(await call.services.cases.desk(await call.may_here()))


@api.put(
    "/phishing-desk", "Set the security desk that hears of new cases.", "case.change", PhishingDeskUpdate,
    cli="case set-desk address", asks="handler",
)  # fmt: skip
async def _set_desk(call: Call) -> PhishingDesk:
    home = await call.may_here()
    await call.services.cases.set_desk(call.actor, home, call.body.address)
    return PhishingDesk(await call.services.cases.desk(home))


@api.get("/purges", "Purges.", "case.read", cli="purge list", asks="handler")
async def _purges(call: Call) -> Page[Purge]:
    home = await call.may_here()
    rows = [one for one in await call.services.purges.list_all() if one[0].organization_id == home]
    return part(
        rows, lambda one: one[0].id, call.page,
        lambda one: Purge(
            str(one[0].id), one[0].state, one[0].author, one[1].reason, len(one[2]), time_of(one[0].started_at)
        ),
    )  # fmt: skip


@api.post("/purges/dry-run", "Dry run of a purge.", "case.read", PurgeCreate, asks="handler")
async def _try(call: Call) -> PurgeDryRun:
    home = await call.may_here("case.read")
    hits = await call.services.purges.find(home, call.body.wave)
    return PurgeDryRun(len({one.account_id for one in hits}), len(hits))


@api.post("/purges", "Purge matching messages, as a task.", "case.change", PurgeCreate, status=202)
async def _purge(call: Call) -> Task:
    wave = call.body.wave
    if wave.is_empty:
        raise Invalid("say what the wave has in common: a Message-ID, a sender, a text or a link", reason="wave.form")
    started = call.services.admin_api.jobs.start(call.actor, MAIL_PURGE, {"wave": msgspec.to_builtins(wave)})
    return job_told(await started)


@api.post("/purges/{id}/undo", "Restore purged messages.", "case.change", cli="purge undo", asks="handler")
async def _undo(call: Call) -> PurgeUndoResult:
    home, number = await call.may_here(), call.number()
    if not any(one[0].id == number and one[0].organization_id == home for one in await call.services.purges.list_all()):
        raise NotFound
    return PurgeUndoResult(await call.services.purges.undo(call.actor, number))


def _told(one: OpenCase) -> PhishingCase:
    row, text = one.row, one.text
    return PhishingCase.from_row(
        row, subject=text.subject, senders=list(text.senders), hosts=list(text.hosts), note=text.note
    )
