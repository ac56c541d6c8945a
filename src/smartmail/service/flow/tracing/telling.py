"""What services tell the tracer, made of what they have at hand. Values only: no look-up, no waiting."""

from collections.abc import Iterator, Mapping, Sequence

from smartmail.domain.errors import MailError
from smartmail.domain.ids import AccountId, MessageId, ModSeq, ThreadId
from smartmail.domain.inspection import Inspection
from smartmail.domain.message import Added
from smartmail.domain.principal import Actor
from smartmail.domain.queue import Attempt, QueueAct, QueueRecipient
from smartmail.domain.trace import Event, EventKind, Facts
from smartmail.formats.summary import Summary
from smartmail.service.flow.queue_work import Outcome, Work
from smartmail.service.flow.tracing.recording import MAX_RECIPIENTS
from smartmail.service.kernel.envelope import Recipient
from smartmail.service.protection.filtering.verdict import LEARNED

TOP_RULES = 8
FILTERED = Added(MessageId(0), ThreadId(0), (), ModSeq(0))
"""In the place of a copy: a person's filters took the message and kept none."""
_STATE: Mapping[str, EventKind] = {
    "delivered": "delivered", "bounced": "bounced", "expired": "expired", "ready": "deferred", "cancelled": "removed",
}  # fmt: skip
_ACT: Mapping[QueueAct, EventKind] = {
    "hold": "held", "release": "released", "retry": "retried", "reroute": "rerouted", "delete": "removed",
}  # fmt: skip


def facts_of(
    sender: str,
    recipients: Sequence[str],
    summary: Summary,
    *,
    door: str,
    size: int,
    peer: str = "",
    helo: str = "",
    tls: str = "",
    account_id: int = 0,
    told: int = 0,
) -> Facts:
    """Return what the story of a message that somebody brought begins with."""
    return Facts(
        sender, tuple(recipients[:MAX_RECIPIENTS]), summary.subject, "".join(summary.ids.message_id[:1]), door, peer, helo,
        tls, size, account_id, told, count=len(recipients),
    )  # fmt: skip


def checked(inspection: Inspection | None) -> list[Event]:
    """Return what the checks found, if there were any."""
    if inspection is None:
        return []
    top = sorted(inspection.reasons, key=lambda one: -abs(one.weight))[:TOP_RULES]
    proofs = " ".join(f"{one.method}={one.result}" for one in inspection.authentication)
    rules = tuple((one.rule, one.weight) for one in top)
    # Words out of the text of mail are not for a story, which the company can open: its percentage alone.
    saw = tuple(one.facts[:1] if one.rule == LEARNED else one.facts for one in top)
    return [Event("checked", text=proofs, act=inspection.act, score=inspection.score, rules=rules, saw=saw)]


def stored(recipient: str, account_id: AccountId, result: Added | MailError | None) -> Event:
    """Return what became of a copy: where it lies, that it was there already, or why the peer was refused it."""
    if isinstance(result, MailError):
        return Event("refused", recipient, text=result.public or result.code, account_id=account_id)
    if result is FILTERED:
        return Event("filtered", recipient, account_id=account_id)
    if result is None:
        return Event("duplicate", recipient, account_id=account_id)
    mailbox_id, uid = result.placements[0] if result.placements else (0, 0)
    return Event(
        "delivered", recipient, account_id=account_id, mailbox_id=mailbox_id, uid=uid, message_number=result.message_id
    )


def attempted(
    work: Work,
    rows: Mapping[int, tuple[QueueRecipient, Recipient]],
    outcomes: Sequence[Outcome],
    attempts: Sequence[Attempt],
) -> Iterator[Event]:
    """Yield one event for each recipient of an attempt."""
    for outcome, attempt in zip(outcomes, attempts, strict=True):
        result = outcome.result
        kind = "handed" if outcome.entries and attempt.state == "delivered" else _STATE.get(attempt.state, "deferred")
        account_id, message_number, mailbox_id, uid = outcome.place
        yield Event(
            kind, rows[outcome.number][1].address, result.code, result.enhanced, result.text, result.host, result.tls,
            result.verified, account_id, mailbox_id, uid, message_number, act="" if result.host else work.domain,
        )  # fmt: skip


def facts_of_work(work: Work) -> Facts:
    """Return a beginning for a story that has none: what the queue knows of it."""
    entry = work.lease.entry
    recipients = tuple(recipient.address for _, recipient in work.recipients)
    return Facts(
        work.envelope.reverse_path, recipients, size=entry.size, account_id=entry.account_id or 0, count=len(recipients)
    )


def acted(act: QueueAct, recipient: str, actor: Actor, place: str = "") -> Event:
    """Return what somebody did with a recipient of the queue. `place`: where it goes now."""
    return Event(_ACT[act], recipient, by=actor.login or actor.origin.door, act=place)
