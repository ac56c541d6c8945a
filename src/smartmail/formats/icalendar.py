"""Invitations in mail: what a text/calendar part asks (RFC 5545, 5546), and the answer to it (RFC 6047).

NAME        icalendar — reader of one scheduled event, writer of a REPLY, a COUNTER and a REFRESH.
PURPOSE     `read` gives the first event of a calendar with what a card shows; `reply` gives the calendar of an answer,
            `counter` that of another time, `refresh` that of the wish to be told anew.
            It knows no accounts, no files and no clock: zones are those that the calendar itself brings, and a few that
            have no summer time.
LIMITS      `MAX_OCTETS` of a part, `MAX_LINES`, `MAX_TEXT` of a value, `MAX_ATTENDEES`, `MAX_DEPTH`; one pass, no recursion.
FAILURE     `read` never raises: what is no calendar is None, what cannot be read of one is left out. A zone that is not known
            leaves the time as it is written, and says so (`at` None).
SECURITY    All texts are a stranger's: shown as text, never as markup; addresses only of `mailto:`.
STANDARDS   RFC 5545, RFC 5546 §3.2, RFC 6047 §2.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import msgspec

from smartmail.formats.zones import Zone, known_offset, read_zone

Method = Literal["request", "cancel", "reply", "counter", "refresh", "declinecounter", "other"]
Status = Literal["accepted", "declined", "tentative", "needs-action", "delegated"]
Answer = Literal["accepted", "declined", "tentative"]

MAX_OCTETS: Final = 512 << 10
MAX_LINES: Final = 20_000
MAX_TEXT: Final = 8_000
MAX_ATTENDEES: Final = 300
MAX_DEPTH: Final = 6
_FOLD: Final = 75
_KEPT: Final = ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "SUMMARY", "LOCATION", "ORGANIZER")
_METHODS: Final[dict[str, Method]] = {
    "REQUEST": "request", "CANCEL": "cancel", "REPLY": "reply", "COUNTER": "counter", "REFRESH": "refresh",
    "DECLINECOUNTER": "declinecounter",
}  # fmt: skip
_STATUSES: Final = frozenset({"accepted", "declined", "tentative", "needs-action", "delegated"})
_TIMES: Final = re.compile(r"(?:DTSTART|DTEND|DURATION)[;:]", re.IGNORECASE)
_LOCAL: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?")
_DURATION: Final = re.compile(
    r"\+?P(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,5})M)?(?:(\d{1,5})S)?)?", re.IGNORECASE
)
_UNESCAPE: Final = re.compile(r"\\([\\;,nN])")


class Line(msgspec.Struct, frozen=True):
    """One content line. Names in capitals; `raw` as it stood, unfolded."""

    name: str
    params: dict[str, str]
    value: str
    raw: str


class Moment(msgspec.Struct, frozen=True):
    """A time as it is written (`2026-12-01T10:00:00`, or a date alone), its zone's name, and seconds since 1970, None where
    nobody can tell.
    """

    written: str
    zone: str
    at: int | None

    @property
    def is_day(self) -> bool:
        """Whether it is a day without a time."""
        return "T" not in self.written


class Person(msgspec.Struct, frozen=True):
    """Who takes part. `status` in small letters."""

    address: str
    name: str
    status: str = "needs-action"


class Invitation(msgspec.Struct, frozen=True):
    """One event that somebody sent. `recurrence` names one occurrence of a series, "" the whole; `kept` are the lines that
    an answer repeats.
    """

    method: Method
    uid: str
    sequence: int
    recurrence: str
    summary: str
    location: str
    description: str
    organizer: Person | None
    attendees: tuple[Person, ...]
    start: Moment | None
    end: Moment | None
    repeats: bool
    cancelled: bool
    comment: str
    kept: tuple[str, ...]


def read(octets: bytes) -> Invitation | None:
    """Return the first event of a calendar; None for what is none, or is beyond all bounds."""
    if len(octets) > MAX_OCTETS:
        return None
    method: Method = "other"
    zones: dict[str, Zone] = {}
    event: list[Line] = []
    inside: list[str] = []
    block: list[Line] = []
    for line in _lines(octets):
        if line.name == "BEGIN":
            inside.append(line.value.strip().upper())
            if len(inside) > MAX_DEPTH:
                return None
            block = block if len(inside) > 2 else []
            if len(inside) > 2:
                block.append(line)
        elif line.name == "END":
            if inside[1:] == ["VTIMEZONE"]:
                zones.update(read_zone(block))
            elif inside[1:] == ["VEVENT"] and not event:
                event = block
            elif len(inside) > 2:
                block.append(line)
            inside = inside[:-1]
        elif inside == ["VCALENDAR"] and line.name == "METHOD":
            method = _METHODS.get(line.value.strip().upper(), "other")
        elif inside[1:2] == ["VTIMEZONE"] or inside[1:] == ["VEVENT"]:
            block.append(line)
    return _event(method, event, zones) if event else None


def reply(invitation: Invitation, me: Person, answer: Answer, note: str, stamp: int) -> bytes:
    """Return the calendar that answers an invitation (RFC 5546 §3.2.3). `stamp`: seconds since 1970."""
    lines = [f"SEQUENCE:{invitation.sequence}", _attendee(me, answer), *invitation.kept]
    return _calendar("REPLY", invitation, lines, note, stamp)


def counter(invitation: Invitation, me: Person, start: int, end: int, note: str, stamp: int) -> bytes:
    """Return the calendar that proposes another time (RFC 5546 §3.2.7); times in seconds since 1970."""
    kept = [line for line in invitation.kept if not _TIMES.match(line)]
    if not any(line.upper().startswith("SUMMARY") for line in kept):
        kept.append("SUMMARY:")
    lines = [
        f"SEQUENCE:{invitation.sequence}", _attendee(me, "tentative"), f"DTSTART:{_utc(start)}", f"DTEND:{_utc(end)}",
        *kept,
    ]  # fmt: skip
    return _calendar("COUNTER", invitation, lines, note, stamp)


def refresh(invitation: Invitation, me: Person, note: str, stamp: int) -> bytes:
    """Return the calendar that asks the organiser to send the event as it is now (RFC 5546 §3.2.6)."""
    kept = [line for line in invitation.kept if line.upper().startswith(("ORGANIZER", "RECURRENCE-ID"))]
    return _calendar("REFRESH", invitation, [_attendee(me), *kept], note, stamp)


def _calendar(method: str, invitation: Invitation, lines: Sequence[str], note: str, stamp: int) -> bytes:
    all_lines = [
        "BEGIN:VCALENDAR", "PRODID:-//SmartMail//SmartMail//EN", "VERSION:2.0", f"METHOD:{method}", "BEGIN:VEVENT",
        f"UID:{invitation.uid}", f"DTSTAMP:{_utc(stamp)}", *lines,
    ]  # fmt: skip
    if note:
        all_lines.append(f"COMMENT:{_escaped(note)}")
    return "".join(f"{_folded(line)}\r\n" for line in (*all_lines, "END:VEVENT", "END:VCALENDAR")).encode()


def _attendee(me: Person, answer: Answer | None = None) -> str:
    name = f';CN="{_quoted(me.name)}"' if me.name else ""
    status = f";PARTSTAT={answer.upper()}" if answer else ""
    return f"ATTENDEE{status}{name}:mailto:{me.address}"


def _utc(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y%m%dT%H%M%SZ}"


def _event(method: Method, lines: Sequence[Line], zones: dict[str, Zone]) -> Invitation | None:
    first: dict[str, Line] = {}
    attendees: list[Person] = []
    depth = 0
    for line in lines:
        depth += (line.name == "BEGIN") - (line.name == "END")
        if depth or line.name in {"BEGIN", "END"}:
            continue  # alarms have lines of the same names
        if line.name == "ATTENDEE":
            person = _person(line)
            if person is not None and len(attendees) < MAX_ATTENDEES:
                attendees.append(person)
        first.setdefault(line.name, line)
    uid = _text(first.get("UID"))
    if not uid or any(ord(char) < 32 for char in uid):
        return None
    start = _moment(first.get("DTSTART"), zones)
    organizer = _person(first["ORGANIZER"]) if "ORGANIZER" in first else None
    status = _text(first.get("STATUS")).upper()
    return Invitation(
        method, uid, _number(_text(first.get("SEQUENCE"))), first["RECURRENCE-ID"].value if "RECURRENCE-ID" in first else "",
        _text(first.get("SUMMARY")), _text(first.get("LOCATION")), _text(first.get("DESCRIPTION")), organizer,
        tuple(attendees), start, _end(first, start, zones), "RRULE" in first or "RDATE" in first,
        method == "cancel" or status == "CANCELLED", _text(first.get("COMMENT")),
        tuple(first[name].raw for name in _KEPT if name in first),
    )  # fmt: skip


def _end(first: dict[str, Line], start: Moment | None, zones: dict[str, Zone]) -> Moment | None:
    if "DTEND" in first:
        return _moment(first["DTEND"], zones)
    match = _DURATION.fullmatch(first["DURATION"].value.strip()) if "DURATION" in first else None
    if match is None or start is None:
        return None
    weeks, days, hours, minutes, seconds = (int(one or 0) for one in match.groups())
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    try:
        written = (datetime.fromisoformat(start.written) + length).isoformat()
    except (ValueError, OverflowError):
        return None
    at = None if start.at is None else start.at + int(length.total_seconds())
    return Moment(written[:10] if start.is_day else written, start.zone, at)


def _moment(line: Line | None, zones: dict[str, Zone]) -> Moment | None:
    match = _LOCAL.fullmatch(line.value.strip()) if line is not None else None
    if line is None or match is None:
        return None
    year, month, day, hour, minute, second, utc = match.groups()
    try:
        # The clock of its zone, whichever that is; called UTC so that it can be counted with.
        local = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), min(59, int(second or 0)), tzinfo=UTC
        )
    except ValueError:
        return None
    if hour is None:
        return Moment(local.date().isoformat(), "", None)
    zone = "UTC" if utc else line.params.get("TZID", "")[:100]
    known = zones.get(zone)
    offset = 0 if utc else known.offset(local) if known is not None else known_offset(zone)
    at = None if offset is None else int(local.timestamp()) - offset
    return Moment(local.replace(tzinfo=None).isoformat(), zone, at)


def _person(line: Line) -> Person | None:
    scheme, _, address = line.value.strip().partition(":")
    if (
        scheme.lower() != "mailto"
        or "@" not in address
        or len(address) > 320
        or not address.isprintable()
        or " " in address
    ):
        return None
    status = line.params.get("PARTSTAT", "").lower()
    name = "".join(char for char in line.params.get("CN", "") if char.isprintable())[:200]
    return Person(address, name, status if status in _STATUSES else "needs-action")


# --- lines -----------------------------------------------------------------------------------------------------------


def _lines(octets: bytes) -> Iterator[Line]:
    """Yield the content lines of a calendar, unfolded (RFC 5545 §3.1)."""
    held: list[str] = []
    size = 0
    rows = octets.decode("utf-8", "replace").lstrip("\ufeff").splitlines()
    for row in [*rows[:MAX_LINES], ""]:
        if row[:1] in {" ", "\t"} and held:
            if size < MAX_TEXT:
                held.append(row[1:])
                size += len(row)
            continue
        if held and (line := _line("".join(held))) is not None:
            yield line
        held, size = ([row], len(row)) if row else ([], 0)


def _line(raw: str) -> Line | None:
    """Read one line: name, parameters, value; quotes keep `:` and `;` in a parameter."""
    raw = raw[: 2 * MAX_TEXT]
    cuts, quoted, end = [], False, -1
    for at, char in enumerate(raw):
        if char == '"':
            quoted = not quoted
        elif not quoted and char == ";":
            cuts.append(at)
        elif not quoted and char == ":":
            end = at
            break
    if end < 0:
        return None
    starts = [0, *(cut + 1 for cut in cuts)]
    words = [raw[start:stop] for start, stop in zip(starts, [*cuts, end], strict=True)]
    params: dict[str, str] = {}
    for word in words[1:]:
        name, _, value = word.partition("=")
        params.setdefault(name.strip().upper(), value.strip().strip('"'))
    return Line(words[0].strip().upper(), params, raw[end + 1 :], raw)


def _text(line: Line | None) -> str:
    if line is None:
        return ""
    plain = _UNESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], line.value[:MAX_TEXT])
    return "".join(char for char in plain if char.isprintable() or char == "\n").strip()


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _escaped(text: str) -> str:
    kept = "".join(char for char in text if char.isprintable() or char == "\n")
    return re.sub(r"([\\;,])", r"\\\1", kept).replace("\n", "\\n")


def _quoted(text: str) -> str:
    return "".join(char for char in text if char.isprintable() and char != '"')


def _folded(line: str) -> str:
    """Cut a line into pieces of at most 75 octets, never inside of a character."""
    pieces, piece, size = [], "", 0
    for char in line:
        octets = len(char.encode("utf-8", "replace"))
        if size + octets > _FOLD:
            pieces.append(piece)
            piece, size = "", 1
        piece += char
        size += octets
    return "\r\n ".join([*pieces, piece])
