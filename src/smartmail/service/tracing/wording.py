"""Stories in words, in the language of whoever reads them; remote replies with what they mean."""

from dataclasses import dataclass

from smartmail.base.i18n import translate
from smartmail.domain.inspection import Reason
from smartmail.domain.trace import Event
from smartmail.formats.reply_causes import explain
from smartmail.service.inspection.wording import reason_text
from smartmail.service.tracing.service import Story

_EXPLAINED = {"deferred", "bounced", "expired"}


@dataclass(frozen=True, slots=True)
class Line:
    """One event in words. `reply`: what the other server said, and how the connection was sealed; `meaning`: of a reply."""

    at: int
    event: Event
    text: str
    reply: str = ""
    meaning: str = ""
    rules: tuple[str, ...] = ()


def lines_of(story: Story, language: str) -> list[Line]:
    """Return a story in words."""
    return [_line(story, at, event, language) for at, event in story.events]


def _line(story: Story, at: int, event: Event, language: str) -> Line:
    reply = " ".join(f"{event.code or ''} {event.enhanced} {event.text}".split())
    if event.tls:
        reply += f" [{event.tls}{', ' + event.verified if event.verified else ''}]"
    explained = event.kind in _EXPLAINED
    meaning = translate(language, f"reply.{explain(event.code, event.enhanced, event.text)}") if explained else ""
    rules = tuple(f"{reason_text(language, Reason(name, weight))} ({weight:+.1f})" for name, weight in event.rules)
    return Line(at, event, _text(story, event, language), "" if event.kind == "made" else reply, meaning, rules)


def _text(story: Story, event: Event, language: str) -> str:
    kind = "stored" if event.kind == "delivered" and event.account_id else event.kind
    facts = story.facts
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


def _act(event: Event, language: str) -> str:
    prefix = {"held": "trace.hold.", "checked": "trace.act."}.get(event.kind)
    if prefix is None or not event.act:
        return event.act or translate(language, "trace.hold.administrator")
    try:
        return translate(language, prefix + event.act)
    except KeyError:  # of a version that knew others
        return event.act
