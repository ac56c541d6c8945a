"""What a sender is told of an attempt: at most one report per entry and moment (RFC 3461 §5.2, RFC 3464)."""

from collections.abc import Mapping, Sequence

from smartmail.domain import inspection as inspections
from smartmail.domain.queue import Attempt, QueueEntryRow, QueueRecipient
from smartmail.service.flow.queue_work import Outcome
from smartmail.service.flow.reports import Notice, Told
from smartmail.service.kernel.envelope import Envelope, Recipient


def notice_of(
    entry: QueueEntryRow,
    envelope: Envelope,
    rows: Mapping[int, tuple[QueueRecipient, Recipient]],
    outcomes: Sequence[Outcome],
    attempts: Sequence[Attempt],
    expires_at: int,
) -> Notice | None:
    """Return what the sender hears, None when it is nothing; the null reverse-path never hears anything, and neither
    does an address that somebody else put there: its owner would get reports about mail that they never sent.
    """
    if not envelope.reverse_path or _is_forged(envelope):
        return None
    told = []
    for outcome, attempt in zip(outcomes, attempts, strict=True):
        row, recipient = rows[outcome.number]
        action = _action(row, recipient, outcome, attempt)
        if action is not None:
            told.append(Told(action, recipient, outcome.result))
    return Notice(entry, envelope, tuple(told), expires_at) if told else None


def _is_forged(envelope: Envelope) -> bool:
    """Say whether mail from outside was found to be junk, or its sender's domain says that the host may not send for it
    (RFC 7208 §2.6.4) and nothing else proves it. Who is told is then somebody else for certain.
    """
    if not envelope.foreign or not envelope.inspection:
        return False
    try:
        found = inspections.decode(envelope.inspection)
    except ValueError:
        return False
    denied = any(one.method == "spf" and one.result == "fail" for one in found.authentication)
    return found.act == "junk" or (denied and not found.aligned)


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
