"""SORT and THREAD: what messages are put in order by (RFC 5256 §2, RFC 5957)."""

from collections.abc import Callable, Sequence

from smartmail.base.text import fold, titled, without_invisible
from smartmail.edge.imapd.searching import MailFacts
from smartmail.formats.summary import HeaderAddress, Summary
from smartmail.formats.threading import base_subject, is_reply_or_forward, normalize_id
from smartmail.proto.imap.commands import SortField
from smartmail.proto.imap.threads import Threaded

_BY_ROW = frozenset({SortField.ARRIVAL, SortField.SIZE})

Value = int | str


async def in_order(facts: MailFacts, found: Sequence[int], criteria: Sequence[tuple[SortField, bool]]) -> list[int]:
    """Return indices sorted; equal ones keep the mailbox's order (RFC 5256 §3)."""
    await facts.load_rows(found)
    if any(one not in _BY_ROW for one, _reverse in criteria):
        await facts.load_summaries(found)
    sizes = facts.sizes if any(one is SortField.SIZE for one, _reverse in criteria) else ()
    ordered = list(found)
    # From the last criterion to the first: sorting is stable, reversed too.
    for one, reverse in reversed(criteria):
        ordered.sort(key=_key(facts, one, sizes), reverse=reverse)
    return ordered


def _key(facts: MailFacts, one: SortField, sizes: Sequence[int]) -> Callable[[int], Value]:
    if one is SortField.ARRIVAL:
        return facts.received_at
    if one is SortField.SIZE:
        return lambda at: sizes[at]
    if one is SortField.DATE:
        return lambda at: sent_at(facts, at)
    read = _TEXTS[one]

    def key(at: int) -> str:
        summary = facts.summary(at)
        return read(summary) if summary is not None else ""

    return key


def sent_at(facts: MailFacts, at: int) -> int:
    """RFC 5256 §2.2: the Date field in UTC, the internal date where there is none."""
    summary = facts.summary(at)
    return summary.sent_at if summary is not None and summary.sent_at is not None else facts.received_at(at)


def _order(text: str) -> str:
    """Return what texts are put in order by (RFC 5256 §3); characters that nobody sees make no difference."""
    return titled(without_invisible(text))


def _mailbox(addresses: Sequence[HeaderAddress]) -> str:
    """RFC 5256 §3: the local part of the first address; of a group its name, which ENVELOPE tells in that place (RFC 3501
    §7.4.2).
    """
    if not addresses:
        return ""
    first = addresses[0]
    return _order(first.address.rpartition("@")[0] or first.address if first.group is None else first.group)


def _display(addresses: Sequence[HeaderAddress]) -> str:
    """RFC 5957 §3: the name of the first address or group, else the address."""
    if not addresses:
        return ""
    first = addresses[0]
    return _order(first.name or first.address if first.group is None else first.group)


_TEXTS: dict[SortField, Callable[[Summary], str]] = {
    SortField.SUBJECT: lambda summary: _order(base_subject(summary.subject)).strip(),
    SortField.FROM: lambda summary: _mailbox(summary.from_),
    SortField.TO: lambda summary: _mailbox(summary.to),
    SortField.CC: lambda summary: _mailbox(summary.cc),
    SortField.DISPLAYFROM: lambda summary: _display(summary.from_),
    SortField.DISPLAYTO: lambda summary: _display(summary.to),
}


async def threaded(facts: MailFacts, found: Sequence[int], number: Callable[[int], int]) -> list[Threaded]:
    """Return what threads are made of, for indices; `number` names a message in the answer."""
    await facts.load_rows(found)
    await facts.load_summaries(found)
    return [_threaded(facts, at, number(at)) for at in found]


def _threaded(facts: MailFacts, at: int, number: int) -> Threaded:
    summary = facts.summary(at)
    if summary is None:
        return Threaded(number, facts.received_at(at), "", (), "", reply=False)
    ids = [normalize_id(one) for one in summary.message_ids]
    # RFC 5256 §3 step 1: References, else the first id of In-Reply-To.
    above = [normalize_id(one) for one in summary.references or summary.in_reply_to[:1]]
    subject = fold(base_subject(summary.subject)).strip()
    return Threaded(
        number,
        sent_at(facts, at),
        ids[0] if ids else "",
        tuple(dict.fromkeys(one for one in above if one and one not in ids)),
        subject,
        is_reply_or_forward(summary.subject),
    )
