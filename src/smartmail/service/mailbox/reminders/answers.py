"""What answers a sent message.

A message of the same account that names its Message-ID in In-Reply-To or References (RFC 5322 §3.6.4) and comes from one
of its recipients; or names it in In-Reply-To alone, from anybody but its sender: who answers for a list, a department or
under another address has had it too. What a machine sends by itself is no answer (RFC 3834 §5): an absence notice or a
report must not end the wait for a person.
"""

from collections.abc import Sequence

from smartmail.formats.address import normalize
from smartmail.formats.summary import Summary

_BY_ITSELF = ("auto-submitted",)


def answered(sent: Summary, others: Sequence[Summary]) -> bool:
    """Say whether one of the others answers what was sent."""
    ids = set(sent.message_ids)
    senders = {_plain(one.address) for one in sent.from_}
    recipients = {_plain(one.address) for one in (*sent.to, *sent.cc, *sent.bcc)} - senders
    return any(_answers(one, ids, senders, recipients) for one in others)


def _answers(one: Summary, ids: set[str], senders: set[str], recipients: set[str]) -> bool:
    named = ids & {*one.in_reply_to, *one.references}
    written_by = {_plain(who.address) for who in one.from_}
    if not named or ids & set(one.message_ids) or written_by & senders or _by_itself(one):
        return False
    return bool(written_by & recipients) or bool(ids & set(one.in_reply_to))


def _by_itself(one: Summary) -> bool:
    fields = one.header_fields(_BY_ITSELF)
    if fields is None:
        return False
    value = fields.partition(b":")[2].partition(b";")[0].strip().lower()
    return value not in {b"", b"no"}


def _plain(address: str) -> str:
    return normalize(address)
