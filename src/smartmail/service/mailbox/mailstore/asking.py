"""A search line (formats.search.line) as a tree of conditions: names of mailboxes and tags, days in the asker's zone.

A name that nobody has finds nothing, as a person expects; it is no error. Must not know how a tree is answered.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from smartmail.base.text import fold
from smartmail.domain.errors import Forbidden
from smartmail.domain.ids import AccountId, MailboxId
from smartmail.domain.mailbox import Mailbox
from smartmail.domain.principal import Actor
from smartmail.domain.tags import Tag
from smartmail.formats.search import line as lines
from smartmail.formats.search.line import About, Asked, Line
from smartmail.formats.search.wording import NO_SWITCHES, Switch
from smartmail.ports.clock import Clock
from smartmail.service.mailbox.mailstore.conditions import Condition, Operator, Tree
from smartmail.service.mailbox.mailstore.mailboxes import MailboxService
from smartmail.service.mailbox.mailstore.tags import TagService

_NOWHERE = MailboxId(0)
"""No mailbox has this number."""
_NOTHING = Condition(in_mailbox=_NOWHERE)
_IMPORTANT = Operator("OR", (Condition(other='"importance: high"'), Condition(other='"x-priority: 1"')))
"""How senders say so: the field Importance, and X-Priority of Outlook and others beside it or alone."""
_DAY_MS = 86_400_000
_ROLES = {
    "받은편지함": "inbox", "받은메일함": "inbox", "보낸편지함": "sent", "보낸메일함": "sent", "임시보관함": "drafts",
    "휴지통": "trash", "bin": "trash", "스팸": "junk", "스팸메일함": "junk", "spam": "junk", "보관함": "archive",
}  # fmt: skip
_EVERYWHERE = frozenset({"anywhere", "all", "전체", "전체메일"})


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A line with what the asker says beside it: switches for all its texts, the zone in which days begin (IANA)."""

    text: str
    switches: frozenset[Switch] = NO_SWITCHES
    zone: str = "UTC"


class AskingService:
    """Understands search lines."""

    def __init__(self, mailboxes: MailboxService, tags: TagService, clock: Clock) -> None:
        self._mailboxes = mailboxes
        self._tags = tags
        self._clock = clock

    async def tree(self, actor: Actor, account_id: AccountId, line: AskedLine) -> Tree:
        """Return the conditions of a line. Raises NotFound (account)."""
        parsed = lines.parse(line.text)
        about = {one.about for one in _words(parsed)}
        boxes = await self._mailboxes.list_all(actor, account_id) if About.MAILBOX in about else []
        tags = await self._all_tags(actor, account_id) if About.TAG in about else []
        return _Reader(line, boxes, tags, self._clock.now()).tree(parsed)

    async def _all_tags(self, actor: Actor, account_id: AccountId) -> Sequence[Tag]:
        try:
            return await self._tags.all(actor, account_id)
        except Forbidden:
            return []


def _words(line: Line) -> list[Asked]:
    return [line] if isinstance(line, Asked) else [word for part in line.parts for word in _words(part)]


def zone_of(name: str) -> tzinfo:
    """Return a zone by its IANA name, UTC for one that is not known."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


class _Reader:
    def __init__(self, line: AskedLine, boxes: Sequence[Mailbox], tags: Sequence[Tag], now: int) -> None:
        self._switches = line.switches
        self._zone = zone_of(line.zone)
        self._boxes = boxes
        self._tags = tags
        self._now = now

    def tree(self, line: Line) -> Tree:
        if isinstance(line, Asked):
            return self._one(line)
        return Operator(line.kind, tuple(self.tree(part) for part in line.parts))

    def _one(self, asked: Asked) -> Tree:
        if asked.about in lines.TEXTS:
            return self._text(asked.about, str(asked.value))
        if isinstance(asked.value, date):
            at = self._start_of(asked.value)
            return Condition(after=at) if asked.about is About.AFTER else Condition(before=at)
        if isinstance(asked.value, int):
            return self._number(asked.about, asked.value)
        return self._name(asked.about, asked.value)

    def _text(self, about: About, value: str) -> Condition:
        # What stood in quotes stays together; conditions look for single words otherwise.
        text = f'"{value}"' if any(char.isspace() for char in value) else value
        make = _TEXT_CONDITIONS[about]
        return make(text, self._switches)

    def _start_of(self, day: date) -> int:
        return int(datetime.combine(day, time(), self._zone).timestamp() * 1000)

    def _number(self, about: About, value: int) -> Condition:
        if about is About.LARGER:
            return Condition(min_size=value)
        if about is About.SMALLER:
            return Condition(max_size=value)
        at = self._now - value * _DAY_MS
        return Condition(after=at) if about is About.NEWER else Condition(before=at)

    def _name(self, about: About, value: str) -> Tree:
        match about:
            case About.ATTACHMENT:
                return Condition(has_attachment=True)
            case About.KEYWORD:
                return Condition(has_keyword=value)
            case About.NO_KEYWORD:
                return Condition(not_keyword=value)
            case About.TAG:
                return self._tag(value)
            case About.IMPORTANT:
                return _IMPORTANT
        return self._mailbox(value)

    def _mailbox(self, value: str) -> Tree:
        wanted = fold(value).strip("/")
        if wanted in _EVERYWHERE:
            return Operator("AND", ())
        role = _ROLES.get(wanted, wanted)
        found = [
            box.row.id
            for box in self._boxes
            if box.row.role == role or wanted in (fold(box.name), fold("/".join(box.path)))
        ]
        return _either([Condition(in_mailbox=one) for one in dict.fromkeys(found)])

    def _tag(self, value: str) -> Tree:
        wanted = fold(value)
        found = [tag.keyword for tag in self._tags if wanted in (fold(tag.name), tag.keyword)]
        # A keyword that an IMAP client set has no name of ours.
        return _either([Condition(has_keyword=one) for one in found or [value.lower()]])


def _either(those: Sequence[Condition]) -> Tree:
    if not those:
        return _NOTHING
    return those[0] if len(those) == 1 else Operator("OR", tuple(those))


_TEXT_CONDITIONS: dict[About, Callable[[str, frozenset[Switch]], Condition]] = {
    About.TEXT: lambda text, switches: Condition(text=text, switches=switches),
    About.FROM: lambda text, switches: Condition(from_=text, switches=switches),
    About.TO: lambda text, switches: Condition(to=text, switches=switches),
    About.CC: lambda text, switches: Condition(cc=text, switches=switches),
    About.BCC: lambda text, switches: Condition(bcc=text, switches=switches),
    About.SUBJECT: lambda text, switches: Condition(subject=text, switches=switches),
    About.BODY: lambda text, switches: Condition(body=text, switches=switches),
    About.FILE: lambda text, switches: Condition(file_name=text, switches=switches),
}
