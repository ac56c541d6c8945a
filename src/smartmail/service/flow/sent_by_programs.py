"""Mail that a mail program submitted over SMTP: it has no submission, but its stories tell whom it went to and what became of it.

So 수신확인 and 발송취소 hold for a mail of which the program has kept a copy, known by its Message-ID. A letter with more recipients
than a story names is told of as far as it names them. Must not know how a mail is taken back.
"""

from collections.abc import Sequence
from typing import Final

from smartmail.domain.ids import IdentityId, MessageId, ModSeq, QueueEntryId, SubmissionId, ThreadId
from smartmail.domain.submission import SubmissionRow
from smartmail.domain.trace import Event, EventKind
from smartmail.formats.address import normalize
from smartmail.service.flow.submission_record import DeliveryStatus, Submission, SubmissionText
from smartmail.service.flow.tracing.service import Story

_ENDS: Final[dict[EventKind, str]] = {"delivered": "yes", "duplicate": "yes", "bounced": "no", "expired": "no"}


def of_stories(stories: Sequence[Story], message_id: MessageId) -> list[Submission]:
    """Return what a mail program submitted as if it had been a submission of that message, the oldest first."""
    roots = [one for one in stories if one.facts.door in {"smtp", "submission"} and not one.facts.parent]
    return [_submission(one, message_id) for one in sorted(roots, key=lambda one: one.id)]


def _submission(story: Story, message_id: MessageId) -> Submission:
    facts = story.facts
    status = {one: _status(one, [event for _, event in story.events]) for one in facts.recipients}
    row = SubmissionRow(
        SubmissionId(0), IdentityId(0), message_id, ThreadId(0), QueueEntryId(story.id), b"", "final", story.at, ModSeq(0),
        ModSeq(0),
    )  # fmt: skip
    return Submission(row, SubmissionText(facts.sender, facts.recipients, status))


def _status(address: str, events: Sequence[Event]) -> DeliveryStatus:
    """Return how far a recipient's mail came, by the last of its events that says so."""
    mine = [one for one in events if normalize(one.recipient) == normalize(address) and one.kind in _ENDS]
    if not mine:
        return DeliveryStatus("")
    last = mine[-1]
    reply = " ".join(part for part in (str(last.code or ""), last.enhanced, last.text) if part)
    return DeliveryStatus(reply, _ENDS[last.kind])
