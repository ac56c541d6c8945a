"""Reply and forward: subjects, references and the quoted original.

Words that a reader sees (attribution line, field labels, prefixes) come in as arguments, in the reader's language.
Original HTML must come in already sanitised (`html.sanitise`); what stands around it is escaped here.
"""

import re
from collections.abc import Sequence
from html import escape
from typing import Final

# Re, Fw and what Korean, Japanese, Chinese and European clients write instead, with a counter or a full-width colon.
_REPLY: Final = r"re|aw|sv|antw|rif|회신|답장|返信|回复|回覆|答复|答覆"
_FORWARD: Final = r"fwd?|wg|tr|전달|転送|转发|轉寄|轉發"
_PREFIX: Final = re.compile(rf"\s*(?:({_REPLY})|({_FORWARD}))\s*(?:[\[(]\d{{1,3}}[\])])?\s*[:：]\s*", re.IGNORECASE)


def reply_subject(subject: str, prefix: str = "Re: ") -> str:
    """Return the subject of an answer: one prefix, whatever language the ones before it were in."""
    return prefix + _bare(subject)


def forward_subject(subject: str, prefix: str = "Fwd: ") -> str:
    """Return the subject of a forwarded message; a reply prefix of the original stays, as part of its name."""
    match = _PREFIX.match(subject)
    if match is not None and match[2]:
        return prefix + subject[match.end() :].strip()
    return prefix + subject.strip()


def _bare(subject: str) -> str:
    while (match := _PREFIX.match(subject)) is not None and match[1]:
        subject = subject[match.end() :]
    return subject.strip()


def reply_references(message_id: str, references: Sequence[str], in_reply_to: Sequence[str]) -> tuple[str, ...]:
    """Return the References of an answer (RFC 5322 §3.6.4): those of the original, or its one parent, then itself."""
    before = tuple(references) or (tuple(in_reply_to) if len(in_reply_to) == 1 else ())
    return (*before, message_id) if message_id else before


def quote_text(text: str, attribution: str) -> str:
    """Return the original as quoted text under its attribution line."""
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    return (
        attribution
        + "\n"
        + "\n".join((">" if line.startswith(">") else "> ") + line if line else ">" for line in lines)
    )


def quote_html(html: str, attribution: str) -> str:
    """Return sanitised HTML as a quotation under its attribution line."""
    return (
        f"<div>{escape(attribution)}</div>"
        '<blockquote type="cite" style="margin:0 0 0 .8ex;border-left:2px solid #ccc;padding-left:1ex">'
        f"{html}</blockquote>"
    )


def forward_text(text: str, title: str, fields: Sequence[tuple[str, str]]) -> str:
    """Return the original as text below its fields, (label, value) in the order given."""
    head = [f"---------- {title} ----------", *(f"{label}: {value}" for label, value in fields)]
    return "\n".join(head) + "\n\n" + text


def forward_html(html: str, title: str, fields: Sequence[tuple[str, str]]) -> str:
    """Return sanitised HTML below its fields."""
    rows = "".join(f"<div><b>{escape(label)}:</b> {escape(value)}</div>" for label, value in fields)
    return f"<div>---------- {escape(title)} ----------</div>{rows}<br><div>{html}</div>"
