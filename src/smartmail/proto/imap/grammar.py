"""Stage two of parsing: a framed command becomes a command object (RFC 3501 §9 and the extensions' ABNF).

PURPOSE: one table from command names to readers. Must not know session state (`states.py`) or what a command does.
FAILURE: every mistake is a `Bad` or `Refused` value; nothing is raised. Work is linear in the length of the command.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

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
}
"""APPEND is not here: it streams, see `parse_append`."""


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


def parse(text: bytes, literals: tuple[bytes, ...] = (), *, utf8: bool = False) -> Parsed | Bad | Refused:
    """Parse one command as `framing.Framed` gives it."""
    head = _HEAD.match(text)
    if head is None:
        return Bad(_tag(text), "command expected")
    tag = head[1]
    name = head[2].decode("ascii").upper()
    position = head.end()
    if name == "UID":
        second = _UID.match(text, position)
        if second is None:
            return Bad(tag, "command expected after UID")
        name = "UID " + second[1].decode("ascii").upper()
        position = second.end()
    reader = READERS.get(name)
    if reader is None:
        return Bad(tag, "message literal expected" if name == "APPEND" else "unknown command")
    cursor = Cursor(text, literals, utf8=utf8, position=position)
    try:
        command = reader(cursor)
        cursor.end()
    except GrammarError as error:
        return Refused(tag, error.text, error.code) if error.no else Bad(tag, error.text)
    return Parsed(tag, command)


def parse_append(text: bytes, literals: tuple[bytes, ...], *, utf8: bool = False) -> Parsed | Bad:
    """Parse `tag APPEND mailbox …` up to and with the mark of the message literal."""
    head = _HEAD.match(text)
    if head is None:
        return Bad(_tag(text), "command expected")
    cursor = Cursor(text, literals, utf8=utf8, position=head.end())
    try:
        cursor.space()
        name = cursor.mailbox()
        return Parsed(head[1], mailbox.append_message(cursor, name))
    except GrammarError as error:
        return Bad(head[1], error.text)


def parse_append_next(text: bytes, before: AppendHead) -> AppendHead | str:
    """Parse what stands between two messages of one APPEND (RFC 3502); a text says what is wrong."""
    cursor = Cursor(text)
    try:
        if before.utf8:
            # RFC 6855 §4: the literal of `UTF8 (~{…}` is followed by its parenthesis.
            cursor.expect(b")", "closing parenthesis")
        return mailbox.append_message(cursor, before.mailbox)
    except GrammarError as error:
        return error.text


def _tag(text: bytes) -> bytes | None:
    found = _TAG.match(text)
    return found[1] if found else None
