"""Reports as files: taken with a reason, and mailed to administrators when a span is over.

SECURITY  A file that is taken is on record, with its reason, before its first octet. Mail goes to those only who may see the
          whole company's reports at that moment; the plan names no address.
FAILURE   A span is noted as told before its mail is queued: a mail may be lost with a process that dies, never come twice.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal, Protocol

import msgspec

from smartmail.base import log
from smartmail.base.i18n import LANGUAGES, translate
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, MailError
from smartmail.domain.figures import PERIODS, Period, Report, day_of, span_of
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.compose import Attachment
from smartmail.formats.papers import pdf, xlsx
from smartmail.ports.clock import Clock
from smartmail.ports.store_audit import AuditLog
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_figures import FigureStore
from smartmail.ports.store_settings import SettingStore
from smartmail.service.kernel.audit.texts import RecordTexts, given_reason
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.notifications import Notices
from smartmail.service.operations.figures.service import FigureService
from smartmail.service.operations.figures.wording import paper_of, span_words, title_words


class _Store(AuditLog, DirectoryStore, FigureStore, SettingStore, Protocol): ...


Form = Literal["xlsx", "pdf"]
TYPES: Final[dict[Form, str]] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "pdf": "application/pdf",
}  # fmt: skip
SCOPE: Final = "figures"
SPEECH: Final = "ko"
READERS: Final = 20
_QUIET_MS: Final = 10 * 60_000


class ReportPlan(msgspec.Struct, frozen=True):
    """Which spans a company's administrators are mailed, as what."""

    periods: tuple[Period, ...] = ()
    form: Form = "pdf"
    told: dict[str, str] = {}
    """Period → first day of the newest span that was told."""


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A report as a file."""

    name: str
    content_type: str
    octets: bytes


class ReportTelling:
    """Makes files and mails them."""

    def __init__(
        self,
        store: _Store,
        figures: FigureService,
        authority: Authority,
        texts: RecordTexts,
        notices: Notices,
        clock: Clock,
    ) -> None:
        self._store = store
        self._figures = figures
        self._authority = authority
        self._texts = texts
        self._notices = notices
        self._clock = clock

    async def take(
        self, actor: Actor, home: OrganizationId, period: Period, day: date, form: Form, language: str, reason: str
    ) -> ReportFile:
        """Return a report as a file. Raises Invalid, Forbidden, NotFound."""
        if form not in TYPES or language not in LANGUAGES:
            raise Invalid(f"a form is xlsx or pdf, a language one of {', '.join(LANGUAGES)}", reason="report.form")
        why = given_reason(reason)
        report = await self._figures.report(actor, home, period, day)
        now = self._clock.now()
        thing = f"organization:{home} report:{period}:{report.first.isoformat()} form:{form}"
        sealed = await self._texts.seal(home, "report.take", thing, now, {"reason": why})
        await self._store.audit(
            AuditRecord(now, actor.named, "report.take", thing, actor.origin.address, sealed, actor.origin.door)
        )
        return await self._file(report, home, form, language, actor.login or actor.named)

    async def plan(self, actor: Actor, home: OrganizationId) -> ReportPlan:
        """Return what is mailed. Raises Forbidden, NotFound."""
        await self._authority.require(actor, "report.read", _scope(home))
        return await self._plan(home)

    async def set_plan(self, actor: Actor, home: OrganizationId, periods: Sequence[str], form: Form) -> ReportPlan:
        """Say what is mailed from now on, () for nothing. Raises Invalid, Forbidden, NotFound."""
        await self._authority.require(actor, "report.change", _scope(home))
        unknown = sorted(set(periods) - set(PERIODS))
        if unknown or form not in TYPES:
            raise Invalid(f"periods are {', '.join(PERIODS)}; a form is xlsx or pdf", reason="report.form")
        wanted = tuple(one for one in PERIODS if one in periods)
        # What is over by now is not told: the first mail comes when the next span ends.
        told: dict[str, str] = {one: self._newest(one)[0].isoformat() for one in wanted}
        made = ReportPlan(wanted, form, told)
        thing = f"organization:{home} periods:{','.join(wanted) or 'none'} form:{form}"
        now = self._clock.now()
        record = AuditRecord(now, actor.named, "report.plan", thing, actor.origin.address, None, actor.origin.door)
        await self._put(home, made, record)
        return made

    # --- the job ---

    async def turn(self) -> int:
        """Count the days that are over, then mail the spans that are; return how many mails were queued. A job."""
        await self._figures.turn()
        sent = 0
        for organization in await self._store.organizations():
            plan = await self._plan(organization.id)
            for period in plan.periods:
                first, last = self._newest(period)
                if plan.told.get(period, "") < first.isoformat() and await self._is_counted(organization.id, last):
                    plan = msgspec.structs.replace(plan, told={**plan.told, period: first.isoformat()})
                    await self._put(organization.id, plan, None)
                    sent += await self._tell(organization.id, period, first, plan.form)
        return sent

    def _newest(self, period: Period) -> tuple[date, date]:
        """Return the newest span that is over."""
        today = day_of(self._clock.now() - _QUIET_MS)
        first, _ = span_of(period, today)
        return span_of(period, first - timedelta(days=1))

    async def _is_counted(self, home: OrganizationId, last: date) -> bool:
        return last.isoformat() in await self._store.counted_days(home, last.isoformat())

    async def _tell(self, home: OrganizationId, period: Period, first: date, form: Form) -> int:
        sent = 0
        made: dict[str, tuple[Report, ReportFile]] = {}
        for reader in (await self._authority.holders(home, "report.read", _scope(home)))[:READERS]:
            language = reader.language if reader.language in LANGUAGES else SPEECH
            try:
                if language not in made:
                    report = await self._figures.report(_house(home), home, period, first)
                    made[language] = report, await self._file(report, home, form, language, "SmartMail")
                await self._send(reader, language, *made[language])
                sent += 1
            except MailError as error:
                log.event("report.notify_failed", organization=home, error=type(error).__name__, detail=error.detail)
        if sent:
            thing = f"organization:{home} report:{period}:{first.isoformat()} form:{form} count:{sent}"
            await self._store.audit(AuditRecord(self._clock.now(), "system", "report.mail", thing))
        return sent

    async def _send(self, reader: Account, language: str, report: Report, file: ReportFile) -> None:
        title, span = title_words(report, language), span_words(report)
        whole = report.whole
        text = translate(
            language, "figures.mail.text", title=title, span=span, received=f"{report.total.received:,}",
            sent=f"{report.total.sent:,}", spam=f"{whole.spam if whole else 0:,}", virus=f"{whole.virus if whole else 0:,}",
        )  # fmt: skip
        subject = translate(language, "figures.mail.subject", title=title, span=span)
        await self._notices.send(
            reader, subject, text, attachments=(Attachment(file.name, file.content_type, file.octets),)
        )

    async def _file(self, report: Report, home: OrganizationId, form: Form, language: str, by: str) -> ReportFile:
        company = (await self._store.organization(home)).name
        paper = paper_of(report, language, company, self._clock.now(), by)
        octets = await asyncio.to_thread(xlsx if form == "xlsx" else pdf, paper)
        return ReportFile(f"smartmail-{report.period}-{report.first.isoformat()}.{form}", TYPES[form], octets)

    async def _plan(self, home: OrganizationId) -> ReportPlan:
        text = await self._store.setting(SCOPE, f"plan:{home}")
        return msgspec.json.decode(text, type=ReportPlan) if text else ReportPlan()

    async def _put(self, home: OrganizationId, plan: ReportPlan, record: AuditRecord | None) -> None:
        text = msgspec.json.encode(plan).decode()
        await self._store.put_setting(SCOPE, f"plan:{home}", text, audit=record)


def _scope(home: OrganizationId) -> Scope:
    return Scope("organization", str(int(home)))


def _house(home: OrganizationId) -> Actor:
    """Return who makes the reports that are mailed: the house itself."""
    return Actor(AccountId(0), home, "", is_admin=True, origin=Origin("system"))
