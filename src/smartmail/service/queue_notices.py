"""What a sender is told of an attempt: at most one report per entry and moment (RFC 3461 §5.2, RFC 3464)."""

from collections.abc import Mapping, Sequence

from smartmail.domain.queue import Attempt, QueueEntryRow, QueueRecipient
from smartmail.service.envelope import Envelope, Recipient
from smartmail.service.queue_work import Outcome
from smartmail.service.reports import Notice, Told


def notice_of(
    entry: QueueEntryRow,
    envelope: Envelope,
    rows: Mapping[int, tuple[QueueRecipient, Recipient]],
    outcomes: Sequence[Outcome],
    attempts: Sequence[Attempt],
    expires_at: int,
) -> Notice | None:
    """Return what the sender hears, None when it is nothing; the null reverse-path never hears anything."""
    if not envelope.reverse_path:
        return None
    told = []
    for outcome, attempt in zip(outcomes, attempts, strict=True):
        row, recipient = rows[outcome.number]
        action = _action(row, recipient, outcome, attempt)
        if action is not None:
            told.append(Told(action, recipient, outcome.result))
    return Notice(entry, envelope, tuple(told), expires_at) if told else None


def _action(row: QueueRecipient, recipient: Recipient, outcome: Outcome, attempt: Attempt) -> str | None:
    """Return the action (RFC 3464 §2.3.3) to be told of one recipient, if any."""
    notify = {word.upper() for word in recipient.notify}
    if "NEVER" in notify:
        return None
    if attempt.state in {"bounced", "expired"}:
        return "failed" if not notify or "FAILURE" in notify else None
    if attempt.state == "ready":
        first = attempt.delay_told and not row.delay_told
        return "delayed" if first and (not notify or "DELAY" in notify) else None
    if attempt.state == "delivered" and "SUCCESS" in notify and not outcome.quiet:
        # RFC 3461 §5.2.2: a next hop that knows DSN reports itself; §5.2.3: for one that does not we say "relayed".
        return {"final": "delivered", "relayed": "relayed", "passed": None}[outcome.handover]
    return None
