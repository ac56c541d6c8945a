"""/cases and /purges: reported phishing, and waves that are taken out of all mailboxes."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from smartmail.domain.cases import Wave
from smartmail.domain.errors import Invalid, NotFound
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.jobs import JobTold
from smartmail.edge.httpd.admin.resources.jobs import told as job_told
from smartmail.edge.httpd.admin.shapes import Asked, Count, Id, Page, Time, Told, milliseconds, part, time_of
from smartmail.service.admin_jobs import MAIL_PURGE
from smartmail.service.cases.service import OpenCase

Note = Annotated[str, Meta(max_length=2000)]
Marks = Annotated[list[Annotated[str, Meta(min_length=1, max_length=998)]], Meta(max_length=100)]


class CaseTold(Told, frozen=True):
    """One campaign, however many reported it."""

    id: Id
    state: str
    reports: Count
    opened_at: Time
    changed_at: Time
    subject: str
    senders: list[str]
    hosts: list[str]
    note: str


class CaseChange(Asked, frozen=True):
    """How far a case is."""

    state: Literal["open", "examining", "confirmed", "dismissed"]
    note: Note = ""


class PurgeAsked(Asked, frozen=True):
    """Messages that have any of these marks. `digests`: SHA-256 of texts, `files`: of attachments."""

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


class PurgeMet(Told, frozen=True):
    """What a purge would take."""

    accounts: Count
    messages: Count


class PurgeTold(Told, frozen=True):
    """A purge."""

    id: Id
    state: str
    author: str
    reason: str
    messages: Count
    started_at: Time


class Undone(Told, frozen=True):
    """How many messages were put back."""

    messages: Count


async def _list(call: Call) -> Page[CaseTold]:
    home = await call.may_here()
    rows = await call.services.cases.list_all(home, 5_000)
    return part(rows, lambda one: one.row.id, call.page, _told)


async def _get(call: Call) -> CaseTold:
    await call.may_here()
    return _told(await call.services.cases.get(call.actor, call.number()))


async def _change(call: Call) -> CaseTold:
    await call.may_here()
    await call.services.cases.change(call.actor, call.number(), call.body.state, call.body.note)
    return _told(await call.services.cases.get(call.actor, call.number()))


async def _purges(call: Call) -> Page[PurgeTold]:
    home = await call.may_here()
    rows = [one for one in await call.services.purges.list_all() if one[0].organization_id == home]
    return part(
        rows, lambda one: one[0].id, call.page,
        lambda one: PurgeTold(
            str(one[0].id), one[0].state, one[0].author, one[1].reason, len(one[2]), time_of(one[0].started_at)
        ),
    )  # fmt: skip


async def _try(call: Call) -> PurgeMet:
    home = await call.may_here("case.read")
    hits = await call.services.purges.find(home, call.body.wave)
    return PurgeMet(len({one.account_id for one in hits}), len(hits))


async def _purge(call: Call) -> JobTold:
    await call.may_here()
    wave = call.body.wave
    if wave.is_empty:
        raise Invalid("say what the wave has in common: a Message-ID, a sender, a text or a link")
    started = call.services.admin_api.jobs.start(call.actor, MAIL_PURGE, {"wave": msgspec.to_builtins(wave)})
    return job_told(await started)


async def _undo(call: Call) -> Undone:
    home, number = await call.may_here(), call.number()
    if not any(one[0].id == number and one[0].organization_id == home for one in await call.services.purges.list_all()):
        raise NotFound
    return Undone(await call.services.purges.undo(call.actor, number))


def _told(one: OpenCase) -> CaseTold:
    row, text = one.row, one.text
    return CaseTold(
        str(row.id), row.state, row.reports, time_of(row.opened_at), time_of(row.changed_at), text.subject,
        list(text.senders), list(text.hosts), text.note,
    )  # fmt: skip


OPERATIONS = (
    Operation("GET", "/cases", "Reported phishing.", _list, "case.read", Page[CaseTold], paged=True),
    Operation("GET", "/cases/{id}", "One case.", _get, "case.read", CaseTold),
    Operation("PATCH", "/cases/{id}", "Say how far a case is.", _change, "case.change", CaseTold, CaseChange),
    Operation("GET", "/purges", "Waves that were taken out.", _purges, "case.read", Page[PurgeTold], paged=True),
    Operation("POST", "/purges/try", "What a purge would take.", _try, "case.read", PurgeMet, PurgeAsked),
    Operation("POST", "/purges", "Take a wave out, as a job.", _purge, "case.change", JobTold, PurgeAsked, status=202),
    Operation("POST", "/purges/{id}/undo", "Put back what was taken.", _undo, "case.change", Undone),
)
