"""What stands around the octets of APPEND and REPLACE (RFC 3501 §6.3.11, RFC 3502, RFC 4469, RFC 6855 §4, RFC 8508).

A command of several messages and parts comes piece by piece, cut where a literal begins. Each piece becomes steps; the
engine turns them into events. Knows no state but what it is given: the head of the message that is open.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from smartmail.proto.imap.commands import AppendHead
from smartmail.proto.imap.cursor import Cursor, GrammarError
from smartmail.proto.imap.grammar_mailbox import date_time
from smartmail.proto.imap.numbers import NumberSet

_MARK: Final = re.compile(rb"~?\{[0-9]+\+?\}\r\n\Z")
MAX_URLS: Final = 64
"""Parts by URL in one piece of a command: each is a look-up."""


@dataclass(frozen=True, slots=True)
class Begin:
    """A message begins."""

    head: AppendHead


@dataclass(frozen=True, slots=True)
class Url:
    """A part of the open message is what the URL names (RFC 4469 §4)."""

    url: str


@dataclass(frozen=True, slots=True)
class TextPart:
    """A part of the open message is the literal that comes now."""


@dataclass(frozen=True, slots=True)
class End:
    """The open message is complete."""


Step = Begin | Url | TextPart | End


def first_head(cursor: Cursor, name: str) -> AppendHead:
    """Take what names mailbox and message to replace: `SP mailbox`, or `SP number SP mailbox` (RFC 8508 §3.3)."""
    cursor.space()
    replaces: NumberSet | None = None
    if name != "APPEND":
        replaces = cursor.numbers()
        one = replaces.saved or (len(replaces.ranges) == 1 and replaces.ranges[0][0] == replaces.ranges[0][1])
        if not one:
            raise GrammarError("one message is replaced")
        cursor.space()
    return AppendHead(cursor.mailbox(), replaces=replaces, uid=name == "UID REPLACE")


def steps(cursor: Cursor, before: AppendHead, *, is_open: bool) -> list[Step]:
    """Take what stands up to the literal at the end of the text, or to the end of the command.

    `before`: the head of the last message. `is_open`: it is made of parts and its list of parts is not closed.
    """
    taken: list[Step] = []
    if is_open:
        # Behind the literal of a TEXT part.
        if _parts(cursor, taken, first=False):
            return taken
    elif before.utf8:
        # RFC 6855 §4: the literal of `UTF8 (~{…}` is followed by its parenthesis.
        cursor.expect(b")", "closing parenthesis")
    while not cursor.ended:
        if before.replaces is not None and (is_open or taken):
            # RFC 8508 §3.1: one message takes the place of one.
            raise GrammarError("unexpected text after the message")
        if _message(cursor, before, taken):
            return taken
    return taken


def _message(cursor: Cursor, before: AppendHead, taken: list[Step]) -> bool:
    """Take the head of one message; say whether a literal ended the text."""
    cursor.space()
    flags: tuple[str, ...] = ()
    date = None
    if cursor.at(b"("):
        flags = cursor.flags()
        cursor.space()
    if cursor.at(b'"'):
        date = date_time(cursor)
        cursor.space()
    head = replace(before, flags=flags, date=date, utf8=False, catenate=False)
    if _at_word(cursor, b"CATENATE ("):
        taken.append(Begin(replace(head, catenate=True)))
        return _parts(cursor, taken, first=True)
    utf8 = _at_word(cursor, b"UTF8 (")
    if _MARK.match(cursor.text, cursor.position) is None:
        raise GrammarError("message literal expected")
    taken.append(Begin(replace(head, utf8=utf8)))
    return True


def _parts(cursor: Cursor, taken: list[Step], *, first: bool) -> bool:
    """Take parts of CATENATE (RFC 4469 §3); say whether a literal ended the text."""
    while not cursor.skip(b")"):
        if not first:
            cursor.space()
        first = False
        if _at_word(cursor, b"URL "):
            taken.append(Url(cursor.unicode(cursor.astring())))
            if len(taken) > MAX_URLS:
                raise GrammarError("too many parts")
        elif _at_word(cursor, b"TEXT "):
            if _MARK.match(cursor.text, cursor.position) is None:
                raise GrammarError("literal expected")
            taken.append(TextPart())
            return True
        else:
            raise GrammarError("URL or TEXT expected")
    if isinstance(taken[-1] if taken else None, Begin):
        raise GrammarError("a message has parts")
    taken.append(End())
    return False


def _at_word(cursor: Cursor, word: bytes) -> bool:
    """Take a word in any case if it comes."""
    if cursor.text[cursor.position : cursor.position + len(word)].upper() != word:
        return False
    cursor.position += len(word)
    return True
