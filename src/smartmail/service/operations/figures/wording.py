"""A report in words: sections and columns in the reader's language. Numbers stay what they are."""

from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any, Final

from smartmail.base.i18n import translate
from smartmail.domain.figures import Report, Tally
from smartmail.domain.serving import Availability, Outage
from smartmail.formats.papers import Chart, Column, Paper, Section, Table
from smartmail.formats.papers.model import Cell, ColumnKind

PEOPLE_SHOWN: Final = 100
KOREA: Final = timezone(timedelta(hours=9), "KST")
_TALLY: Final[tuple[tuple[str, ColumnKind], ...]] = (
    ("received", "count"), ("received-octets", "octets"), ("received-outside", "count"), ("sent", "count"),
    ("sent-octets", "octets"), ("recipients", "count"), ("handed-over", "count"), ("spam", "count"), ("bounced", "count"),
    ("logins", "count"), ("failures", "count"),
)  # fmt: skip
_NARROW: Final[tuple[tuple[str, ColumnKind], ...]] = tuple(
    one for one in _TALLY if one[0] not in {"received-outside", "handed-over"}
)
_WHOLE: Final[tuple[tuple[str, ColumnKind], ...]] = (
    ("incoming", "count"), ("incoming-octets", "octets"), ("spam-found", "count"), ("virus", "count"), ("rejected", "count"),
)  # fmt: skip


def paper_of(report: Report, language: str, company: str, made_at: int, by: str) -> Paper:
    """Return a report as a paper."""
    say = partial(translate, language)
    facts = (
        (say("figures.company"), company), (say("figures.span"), span_words(report)),
        (say("figures.made"), moment(made_at)), (say("figures.taken-by"), by),
    )  # fmt: skip
    notes = [] if report.whole is not None else [say("figures.part")]
    if report.missing:
        notes.append(say("figures.missing", days=", ".join(report.missing)))
    sections = [_summary(report, say), _days(report, say)]
    if report.departments:
        sections.append(_departments(report, say))
    sections.append(_people(report, say))
    if report.outside_in or report.outside_out:
        sections += _outside(report, say)
    if report.countries:
        sections.append(_countries(report, say))
    sections.append(_dormant(report, say))
    if report.availability:
        sections += _availability(report.availability, say)
    return Paper(title_words(report, language), language, facts, tuple(sections), tuple(notes), (by,))


def title_words(report: Report, language: str) -> str:
    """Return its title."""
    return translate(language, f"figures.title.{report.period}")


def span_words(report: Report) -> str:
    """Return its first and last day."""
    if report.first == report.last:
        return report.first.isoformat()
    return f"{report.first.isoformat()} – {report.last.isoformat()}"


def moment(at: int) -> str:
    """Return a time, in Korea's."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(KOREA).strftime("%Y-%m-%d %H:%M:%S KST")


def _columns(names: tuple[tuple[str, ColumnKind], ...], say: Any) -> tuple[Column, ...]:
    return tuple(Column(say(f"figures.{name}"), kind, 0.9) for name, kind in names)


def _cells(tally: Tally, names: tuple[tuple[str, ColumnKind], ...] = _TALLY) -> tuple[int, ...]:
    return tuple(getattr(tally, name.replace("-", "_")) for name, _ in names)


def _summary(report: Report, say: Any) -> Section:
    rows: list[tuple[str, int]] = []
    units: dict[str, ColumnKind] = {}
    if report.whole is not None:
        one = report.whole
        values = (one.incoming, one.incoming_octets, one.spam, one.virus, one.rejected)
        rows += [(name, value) for (name, _), value in zip(_WHOLE, values, strict=True)]
        units |= dict(_WHOLE)
    rows += list(zip((name for name, _ in _TALLY), _cells(report.total), strict=True))
    rows += [("used", report.used), ("growth", report.growth)]
    units |= dict(_TALLY) | {"used": "octets", "growth": "octets"}
    # One column of numbers holds counts and octets: octets say so in their name.
    told = tuple((say(f"figures.{name}") + (" (B)" if units[name] == "octets" else ""), value) for name, value in rows)
    columns = (Column(say("figures.what"), width=2.5), Column(say("figures.value"), "count", 1.2))
    return Section(say("figures.summary"), Table(columns, told))


def _days(report: Report, say: Any) -> Section:
    names = _TALLY[:1] + _TALLY[3:4]
    rest = _TALLY[1:2] + _TALLY[4:5] + _TALLY[7:]
    head = (Column(say("figures.day"), width=1.3), *_columns(names, say))
    if report.whole is None:
        columns = head + _columns(rest, say)
        rows: tuple[tuple[Cell, ...], ...] = tuple(
            (day, *_cells(tally, names), *_cells(tally, rest)) for day, tally, _ in report.counted
        )
        return Section(say("figures.days"), Table(columns, rows), chart=Chart(0, (1, 2)))
    columns = head + _columns(_WHOLE, say) + _columns(rest, say)
    rows = tuple(
        (
            day, *_cells(tally, names), one.incoming, one.incoming_octets, one.spam, one.virus, one.rejected,
            *_cells(tally, rest),
        )
        for day, tally, one in report.counted
    )  # fmt: skip
    return Section(say("figures.days"), Table(columns, rows), chart=Chart(0, (1, 2, 5)))


def _departments(report: Report, say: Any) -> Section:
    columns = (
        Column(say("figures.department"), width=2.2), Column(say("figures.headcount"), "count", 0.7),
        *_columns(_NARROW, say),
    )  # fmt: skip
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (name, people, *_cells(tally, _NARROW)) for name, people, tally in report.departments
    )
    return Section(say("figures.departments"), Table(columns, rows))


def _people(report: Report, say: Any) -> Section:
    columns = (
        Column(say("figures.name"), width=1.4), Column(say("figures.login"), width=2.2), *_columns(_NARROW, say),
        Column(say("figures.used"), "octets"), Column(say("figures.growth"), "octets"),
    )  # fmt: skip
    ordered = sorted(report.people, key=lambda one: (-one.tally.received - one.tally.sent, one.login))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (one.name or say("figures.gone"), one.login, *_cells(one.tally, _NARROW), one.used, one.growth)
        for one in ordered
    )
    note = say("figures.people-note", shown=str(PEOPLE_SHOWN), total=f"{len(rows):,}")
    return Section(say("figures.people"), Table(columns, rows), shown=PEOPLE_SHOWN, page_note=note)


def _outside(report: Report, say: Any) -> list[Section]:
    found = []
    for name, rows, count in (
        ("outside-in", report.outside_in, "received"), ("outside-out", report.outside_out, "recipients"),
    ):  # fmt: skip
        columns = (Column(say("figures.domain"), width=3), Column(say(f"figures.{count}"), "count"))
        found.append(Section(say(f"figures.{name}"), Table(columns, rows), note=say("figures.outside")))
    return found


def _countries(report: Report, say: Any) -> Section:
    columns = (
        Column(say("figures.country"), width=2), Column(say("figures.logins"), "count"),
        Column(say("figures.failures"), "count"),
    )  # fmt: skip
    rows = tuple((name or say("figures.unknown-country"), good, bad) for name, good, bad in report.countries)
    return Section(say("figures.countries"), Table(columns, rows))


def _dormant(report: Report, say: Any) -> Section:
    columns = (
        Column(say("figures.name"), width=1.4), Column(say("figures.login"), width=2.4),
        Column(say("figures.dormant-days"), "count", 1.4),
    )  # fmt: skip
    rows = tuple(
        (one.name, one.login, say("figures.never") if one.days is None else one.days) for one in report.dormant
    )
    return Section(say("figures.dormant"), Table(columns, rows), shown=PEOPLE_SHOWN)


def _availability(services: tuple[Availability, ...], say: Any) -> list[Section]:
    columns = (
        Column(say("figures.service"), width=2), Column(say("figures.percent"), "percent"),
        Column(say("figures.due"), "seconds", 1.3), Column(say("figures.down"), "seconds"),
    )  # fmt: skip
    rows = tuple(
        (say(f"figures.service.{one.service}"), one.percent, one.due_ms / 1000, one.down_ms / 1000) for one in services
    )
    outages = [one for each in services for one in each.outages]
    lines = tuple(_outage(one, say) for one in sorted(outages, key=lambda one: (one.since, one.service)))
    columns_of_outages = (
        Column(say("figures.service"), width=1.6), Column(say("figures.since"), width=1.8),
        Column(say("figures.until"), width=1.8), Column(say("figures.down"), "seconds"),
        Column(say("figures.planned"), "seconds", 1.3),
    )  # fmt: skip
    return [
        Section(say("figures.availability"), Table(columns, rows), note=say("figures.availability-note")),
        Section(say("figures.outages"), Table(columns_of_outages, lines)),
    ]


def _outage(one: Outage, say: Any) -> tuple[str | float, ...]:
    end = say("figures.still") if one.open else moment(one.until)
    return (
        say(f"figures.service.{one.service}"), moment(one.since), end, one.counted_ms / 1000, one.planned_ms / 1000,
    )  # fmt: skip
