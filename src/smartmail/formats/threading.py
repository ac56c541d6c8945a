"""What ties messages into threads: the base subject (RFC 5256 §2.1, with the prefixes of five languages) and ids.

Works on decoded text and on ids that `headers.message_ids` gave; knows nothing of stored threads.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from smartmail.base.text import fold

_MAX_SUBJECT: Final = 1_000  # characters that count; prefixes are taken off one by one, so their number is bounded too

# Answer and forward marks as agents write them in Korea, Japan, China, Taiwan and Europe.
_WORDS: Final = (
    "re", "fwd", "fw", "회신", "답장", "답변", "답신", "전달", "재전송", "회답", "返信", "返", "転送", "転", "答复", "答覆",
    "回复", "回覆", "回", "转发", "转寄", "转", "轉寄", "轉發", "轉", "aw", "antw", "wg", "sv", "vs", "vl", "tr", "rv",
    "res", "enc", "rif", "odp", "ynt", "ilt",
)  # fmt: skip
# subj-refwd of RFC 5256 §5 with a count in the middle (Re[2]: Re(3): Re^4:) and the full-width colon of East Asia.
_REFWD: Final = re.compile(
    rf"(?:{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
    r"(?:\s*(?:\[[^\[\]]{0,40}\]|\(\d{1,5}\)|\^\d{1,5}|\*\d{1,5}|\d{1,3}))?\s*[:：]\s*",
    re.IGNORECASE,
)
# Marks in brackets: [회신] 제목, 【转发】, (Fwd) — alone they carry no colon.
_BRACKETED: Final = re.compile(
    r"[\[【(<]\s*(?:re|fwd?|회신|답장|전달|返信|転送|回复|回覆|转发|轉寄|轉發)\s*[\]】)>]\s*[:：]?\s*", re.IGNORECASE
)
_BLOB: Final = re.compile(r"\[[^\[\]]{0,100}\]\s*")
_TRAILER: Final = re.compile(r"\s*\(fwd\)\s*\Z", re.IGNORECASE)
_FORWARD_FRAME: Final = re.compile(r"\[fwd:\s*(.*)\]\Z", re.IGNORECASE | re.DOTALL)


def base_subject(subject: str) -> str:
    """Return a decoded subject without what answering, forwarding and mailing lists add to it."""
    text = " ".join(unicodedata.normalize("NFC", subject[:_MAX_SUBJECT]).split())
    while True:
        before = text
        while shorter := _TRAILER.sub("", text):  # step 2: subj-trailer
            if shorter == text:
                break
            text = shorter
        text = _strip_leaders(text)
        framed = _FORWARD_FRAME.match(text)  # step 6: [fwd: … ]
        if framed is None:
            return text
        text = framed[1].strip()
        if text == before:
            return text


def _strip_leaders(text: str) -> str:
    """Steps 3 to 5: take off `Re:` marks and [list] blobs in front, but never the last blob when nothing follows."""
    position, size = 0, len(text)
    while position < size:
        match = _REFWD.match(text, position) or _BRACKETED.match(text, position)
        if match is None:
            blob = _BLOB.match(text, position)
            if blob is None or blob.end() >= size:
                break
            match = blob
        position = match.end()
    return text[position:]


def thread_subject(subject: str) -> str:
    """Return the form in which two base subjects are equal; "" when nothing but prefixes was there."""
    return fold(base_subject(subject)).strip()


def is_reply_or_forward(subject: str) -> bool:
    """Return whether the subject says that the message answers or forwards another one (RFC 5256 §2.1)."""
    text = " ".join(unicodedata.normalize("NFC", subject[:_MAX_SUBJECT]).split())
    while (blob := _BLOB.match(text)) and not _FORWARD_FRAME.match(text) and not _BRACKETED.match(text):
        text = text[blob.end() :]
    marks = (_REFWD.match(text), _BRACKETED.match(text), _FORWARD_FRAME.match(text), _TRAILER.search(text))
    return any(marks)


def thread_ids(references: Iterable[str], in_reply_to: Iterable[str], limit: int = 50) -> tuple[str, ...]:
    """Return the ids by which a message may belong to a thread, nearest first, none twice, at most `limit`.

    RFC 5256 §3: References, or where they are missing the first id of In-Reply-To; both are used here, because
    agents drop either. The root of the thread is kept when the limit cuts.
    """
    answered = [normalize_id(item) for item in in_reply_to]
    older = [normalize_id(item) for item in references]
    ids = [item for item in dict.fromkeys([*answered, *reversed(older)]) if item]
    return tuple(ids if len(ids) <= limit else [*ids[: limit - 1], ids[-1]])


def normalize_id(message_id: str) -> str:
    """Return a Message-ID for comparison: no brackets, no blanks, the domain in lower case, no idle quotes."""
    text = "".join(message_id.split()).strip("<>")
    left, at, right = text.rpartition("@")
    if len(left) > 1 and left[0] == left[-1] == '"':
        left = left[1:-1]
    return f"{left}{at}{right.lower()}"
