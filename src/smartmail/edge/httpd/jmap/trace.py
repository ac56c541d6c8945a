"""TraceEvent/query: our own method by which people see what became of their own mail, in their language."""

from smartmail.domain.ids import MessageId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, own_account_of, parse_time, show_time
from smartmail.proto.jmap.trace import TraceAnswer, TraceArguments, TracedMessage, TraceEvent, TraceFilter
from smartmail.service.flow.tracing.service import Marks, Story
from smartmail.service.flow.tracing.wording import Line, lines_of


async def query(call: Call, arguments: TraceArguments) -> TraceAnswer:
    """TraceEvent/query. An Email that does not exist, or has no Message-ID, has no story that could be found."""
    services, actor = call.context.services, call.context.actor
    account_id = await own_account_of(call, arguments.account_id)
    wish = arguments.filter or TraceFilter()
    message_id = wish.message_id or ""
    if wish.email_id is not None:
        number = ids.parse(ids.EMAIL, call.created_ids.resolve(wish.email_id) or "")
        found = [] if number is None else await services.reading.messages(actor, account_id, [MessageId(number)])
        named = "".join(found[0].summary.ids.message_id[:1]) if found else ""
        if not named or message_id.strip("<>") not in {"", named}:
            return TraceAnswer(account_id=arguments.account_id, list=[])
        message_id = named
    marks = Marks(
        wish.from_, wish.to or "", message_id, text=wish.text or "", limit=arguments.limit,
        since=parse_time(wish.after) if wish.after else 0, until=parse_time(wish.before) if wish.before else 0,
    )  # fmt: skip
    stories = await services.trace.own(actor, marks)
    language = (await services.directory.account(account_id)).language
    return TraceAnswer(
        account_id=arguments.account_id,
        list=[_message(one, lines_of(one, language), outgoing=one.facts.account_id == account_id) for one in stories],
    )


def _message(story: Story, lines: list[Line], *, outgoing: bool) -> TracedMessage:
    facts = story.facts
    return TracedMessage(
        id=f"{story.id:x}",
        begun_at=show_time(story.at),
        from_=facts.sender,
        to=facts.recipients,
        subject=facts.subject,
        message_id=facts.message_id or None,
        is_outgoing=outgoing,
        events=[_event(one) for one in lines],
    )


def _event(line: Line) -> TraceEvent:
    event = line.event
    return TraceEvent(
        at=show_time(line.at),
        kind=event.kind,
        recipient=event.recipient or None,
        text=line.text,
        host=event.host or None,
        reply=line.reply or None,
        meaning=line.meaning or None,
        tls=event.tls or None,
    )
