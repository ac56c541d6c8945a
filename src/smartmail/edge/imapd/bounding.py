"""MESSAGELIMIT: how many messages one command touches at most (RFC 9738).

Who names more gets the newest of them and hears where they end, or a NO where all or nothing is promised.
"""

from smartmail.edge.imapd.dialog import Dialog
from smartmail.edge.imapd.selected import Selected
from smartmail.proto.imap import search
from smartmail.proto.imap.engine import Status
from smartmail.proto.imap.numbers import STAR, NumberSet
from smartmail.proto.imap.search_keys import And, Key, Numbers
from smartmail.proto.imap.view import Ranges


def count(ranges: Ranges) -> int:
    """Return how many messages lie in index ranges."""
    return sum(stop - start for start, stop in ranges)


def newest(ranges: Ranges, most: int) -> Ranges:
    """Return the last `most` messages of index ranges."""
    kept: Ranges = []
    for start, stop in reversed(ranges):
        if most <= 0:
            break
        start = max(start, stop - most)
        kept.append((start, stop))
        most -= stop - start
    kept.reverse()
    return kept


def bounded(dialog: Dialog, selected: Selected, ranges: Ranges) -> tuple[Ranges, bytes]:
    """Return the messages that a command may touch, and the code that says where they end, empty when these are all."""
    most = dialog.config.max_messages
    if count(ranges) <= most:
        return ranges, b""
    kept = newest(ranges, most)
    return kept, b"MESSAGELIMIT %d %d" % (most, selected.view.uids[kept[0][0]])


def bounded_key(dialog: Dialog, selected: Selected, key: Key) -> tuple[Key, bytes]:
    """The same for a search: what is not looked at is left out of the program."""
    kept, code = bounded(dialog, selected, search.scope(key, selected.view))
    if not code:
        return key, b""
    keys = key.keys if isinstance(key, And) else (key,)
    first = selected.view.uids[kept[0][0]]
    return And((*keys, Numbers(NumberSet(((first, STAR),)), uid=True))), code


def refused(dialog: Dialog, ranges: Ranges) -> bool:
    """Answer NO where a part of what is named would be wrong (COPY, SORT, THREAD); say whether that was done."""
    most = dialog.config.max_messages
    if count(ranges) <= most:
        return False
    dialog.engine.finish(Status.NO, "too many messages for one command", b"MESSAGELIMIT %d" % most)
    return True
