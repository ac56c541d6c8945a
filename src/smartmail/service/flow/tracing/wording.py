"""Stories in words, in the language of whoever reads them; remote replies with what they mean."""

from dataclasses import dataclass

from smartmail.base.i18n import translate
from smartmail.domain.inspection import Reason
from smartmail.domain.mailbox import ROLES
from smartmail.domain.trace import ACTS, Event
from smartmail.formats.reply_causes import explain
from smartmail.service.flow.tracing.service import Story
from smartmail.service.kernel.inspection.wording import reason_text

NAMED_DOORS = frozenset({"web", "admin", "cli", "system", "pull"})
"""Doors that have a word; the others are called by their protocol."""
_EXPLAINED = {"deferred", "bounced", "expired"}


@dataclass(frozen=True, slots=True)
class Line:
    """One event in words. `reply`: what the other server said, and how the connection was sealed; `meaning`: of a reply;
    `reasons`: what each rule that weighed says, and its weight.
    """

    at: int
    event: Event
    text: str
    reply: str = ""
    meaning: str = ""
    reasons: tuple[tuple[float, str], ...] = ()

    @property
    def rules(self) -> tuple[str, ...]:
        """Return the reasons as lines of text."""
        return tuple(f"{text} ({weight:+.1f})" for weight, text in self.reasons)


def lines_of(story: Story, language: str) -> list[Line]:
    """Return a story in words."""
    return [_line(story, at, event, language) for at, event in story.events]


def _line(story: Story, at: int, event: Event, language: str) -> Line:
    reply = " ".join(f"{event.code or ''} {event.enhanced} {event.text}".split())
    if event.tls:
        reply += f" [{event.tls}{', ' + event.verified if event.verified else ''}]"
    explained = event.kind in _EXPLAINED
    meaning = translate(language, f"reply.{explain(event.code, event.enhanced, event.text)}") if explained else ""
    saw = (*event.saw, *[()] * len(event.rules))
    reasons = tuple(
        (weight, reason_text(language, Reason(name, weight, facts)))
        for (name, weight), facts in zip(event.rules, saw, strict=False)
    )
    return Line(at, event, _text(story, event, language), "" if event.kind == "made" else reply, meaning, reasons)


def _text(story: Story, event: Event, language: str) -> str:
    if event.kind in ACTS:
        return _act_text(event, language)
    kind: str = "stored" if event.kind == "delivered" and event.account_id else event.kind
    facts = story.facts
    if kind == "accepted" and facts.door == "pull":
        kind = "pulled"
    values = {
        "recipient": event.recipient or translate(language, "trace.untold"),
        "host": event.host or event.act or "-",
        "by": event.by or "-",
        "act": _act(event, language),
        "score": f"{event.score:g}",
        "door": facts.door or "-",
        "peer": " ".join(part for part in (facts.peer, facts.helo, facts.tls) if part) or "-",
    }
    return translate(language, f"trace.{kind}", **values)


def _act_text(event: Event, language: str) -> str:
    """Return what became of a delivered copy. Where nobody did it in person a rule or a job of the server did."""
    values = {
        "recipient": event.recipient or translate(language, "trace.untold"),
        "by": event.by or translate(language, "trace.automatic"),
        "door": translate(language, f"trace.door.{event.door}")
        if event.door in NAMED_DOORS
        else event.door.upper() or "-",
        "place": place_text(event, language),
    }
    return translate(language, f"trace.copy.{event.kind}", **values)


def place_text(event: Event, language: str) -> str:
    """Return the mailbox that a copy went to in words: what its role is called, else its own name."""
    if event.act in ROLES:
        return translate(language, f"trace.place.{event.act}")
    return event.act or translate(language, "trace.place.gone")


def _act(event: Event, language: str) -> str:
    prefix = {"held": "trace.hold.", "checked": "trace.act."}.get(event.kind)
    if prefix is None or not event.act:
        return event.act or translate(language, "trace.hold.administrator")
    try:
        return translate(language, prefix + event.act)
    except KeyError:  # of a version that knew others
        return event.act
