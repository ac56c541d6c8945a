"""Stage two of parsing: a framed command becomes a command object (RFC 3501 §9 and the extensions' ABNF).

PURPOSE: one table from command names to readers. Must not know session state (`states.py`) or what a command does.
FAILURE: every mistake is a `Bad` or `Refused` value; nothing is raised. Work is linear in the length of the command.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from smartmail.proto.imap import grammar_account as account
from smartmail.proto.imap import grammar_append as append
from smartmail.proto.imap import grammar_mailbox as mailbox
from smartmail.proto.imap import grammar_message as message
from smartmail.proto.imap import grammar_search as search
from smartmail.proto.imap import grammar_session as session
from smartmail.proto.imap.commands import AppendHead, Command
from smartmail.proto.imap.cursor import Cursor, GrammarError

# RFC 3501 §9 tag: ASTRING-CHAR other than `+`. The bound is ours: an answer repeats it.
_HEAD: Final = re.compile(rb"([^\x00-\x20\x7f-\xff(){%*\"\\+]{1,128}) ([A-Za-z]{1,32})")
_UID: Final = re.compile(rb" ([A-Za-z]{1,32})")
_TAG: Final = re.compile(rb"([^\x00-\x20\x7f-\xff(){%*\"\\+]{1,128})(?: |\Z)")

READERS: Final[Mapping[str, Callable[[Cursor], Command]]] = {
    "CAPABILITY": session.capability,
    "NOOP": session.noop,
    "LOGOUT": session.logout,
    "ID": session.client_id,
    "STARTTLS": session.start_tls,
    "AUTHENTICATE": session.authenticate,
    "LOGIN": session.login,
    "ENABLE": session.enable,
    "IDLE": session.idle,
    "SELECT": mailbox.select,
    "EXAMINE": mailbox.examine,
    "CREATE": mailbox.create,
    "DELETE": mailbox.delete,
    "RENAME": mailbox.rename,
    "SUBSCRIBE": mailbox.subscribe,
    "UNSUBSCRIBE": mailbox.unsubscribe,
    "LIST": mailbox.list_mailboxes,
    "LSUB": mailbox.lsub,
    "NAMESPACE": mailbox.namespace,
    "STATUS": mailbox.status,
    "CHECK": mailbox.check,
    "CLOSE": mailbox.close,
    "UNSELECT": mailbox.unselect,
    "EXPUNGE": message.expunge,
    "SEARCH": search.search,
    "FETCH": message.fetch,
    "STORE": message.store,
    "COPY": message.copy,
    "MOVE": message.move,
    "UID EXPUNGE": message.uid_expunge,
    "UID SEARCH": search.uid_search,
    "UID FETCH": message.uid_fetch,
    "UID STORE": message.uid_store,
    "UID COPY": message.uid_copy,
    "UID MOVE": message.uid_move,
    "SORT": search.sort,
    "THREAD": search.thread,
    "UID SORT": search.uid_sort,
    "UID THREAD": search.uid_thread,
    "ESEARCH": search.multi_search,
    "COMPRESS": account.compress,
    "UNAUTHENTICATE": account.unauthenticate,
    "GETJMAPACCESS": account.get_jmap_access,
    "NOTIFY": account.notify,
    "GETQUOTA": account.get_quota,
    "GETQUOTAROOT": account.get_quota_root,
    "SETQUOTA": account.set_quota,
    "GETMETADATA": account.get_metadata,
    "SETMETADATA": account.set_metadata,
    "SETACL": account.set_acl,
    "DELETEACL": account.delete_acl,
    "GETACL": account.get_acl,
    "LISTRIGHTS": account.list_rights,
    "MYRIGHTS": account.my_rights,
}
"""Those that stream are not here, see `parse_append`."""

STREAMING: Final = frozenset({"APPEND", "REPLACE", "UID REPLACE"})


@dataclass(frozen=True, slots=True)
class Parsed:
    tag: bytes
    command: Command


@dataclass(frozen=True, slots=True)
class Bad:
    """Answer BAD; `tag` is None when none could be read (RFC 3501 §7.1.3: then untagged)."""

    tag: bytes | None
    text: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The grammar is right and the answer is NO with this code, such as BADCHARSET (RFC 3501 §6.4.4)."""

    tag: bytes
    text: str
    code: str


@dataclass(frozen=True, slots=True)
class ParsedAppend:
    """The beginning of APPEND or REPLACE, or all of it when no literal stands in it."""

    tag: bytes
    steps: tuple[append.Step, ...]
    head: AppendHead


@dataclass(frozen=True, slots=True)
class _Head:
    tag: bytes
    name: str
    position: int


def _head(text: bytes) -> _Head | Bad:
    found = _HEAD.match(text)
    if found is None:
        return Bad(_tag(text), "command expected")
    name = found[2].decode("ascii").upper()
    if name != "UID":
        return _Head(found[1], name, found.end())
    second = _UID.match(text, found.end())
    if second is None:
        return Bad(found[1], "command expected after UID")
    return _Head(found[1], "UID " + second[1].decode("ascii").upper(), second.end())


def streams(text: bytes) -> bool:
    """Whether a whole command is APPEND or REPLACE, for `parse_append`."""
    head = _head(text)
    return isinstance(head, _Head) and head.name in STREAMING


def parse(
    text: bytes, literals: tuple[bytes, ...] = (), *, utf8: bool = False, rev2: bool = False
) -> Parsed | Bad | Refused:
    """Parse one command as `framing.Framed` gives it."""
    head = _head(text)
    if isinstance(head, Bad):
        return head
    reader = READERS.get(head.name)
    if reader is None:
        return Bad(head.tag, "message literal expected" if head.name in STREAMING else "unknown command")
    cursor = Cursor(text, literals, utf8=utf8, rev2=rev2, position=head.position)
    try:
        command = reader(cursor)
        cursor.end()
    except GrammarError as error:
        return Refused(head.tag, error.text, error.code) if error.no else Bad(head.tag, error.text)
    return Parsed(head.tag, command)


def parse_append(
    text: bytes, literals: tuple[bytes, ...], *, utf8: bool = False, rev2: bool = False
) -> ParsedAppend | Bad:
    """Parse `tag APPEND mailbox …` up to and with the mark of the first literal that is text of a message."""
    head = _head(text)
    if isinstance(head, Bad):
        return head
    if head.name not in STREAMING:
        return Bad(head.tag, "command expected")
    cursor = Cursor(text, literals, utf8=utf8, rev2=rev2, position=head.position)
    try:
        first = append.first_head(cursor, head.name)
        steps = append.steps(cursor, first, is_open=False)
    except GrammarError as error:
        return Bad(head.tag, error.text)
    return ParsedAppend(head.tag, tuple(steps), first)


def parse_append_next(text: bytes, before: AppendHead, *, is_open: bool) -> list[append.Step] | str:
    """Parse what stands behind a literal of an APPEND, up to the next or to the end; a text says what is wrong."""
    cursor = Cursor(text)
    try:
        return append.steps(cursor, before, is_open=is_open)
    except GrammarError as error:
        return error.text


def _tag(text: bytes) -> bytes | None:
    found = _TAG.match(text)
    return found[1] if found else None
