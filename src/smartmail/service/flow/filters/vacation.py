"""The reply during an absence that a person sets in a form (RFC 8621 §8): its values, kept sealed as one piece.

At delivery it becomes a Sieve program of our own that runs behind the person's script (service.flow.filters.program).
"""

from typing import Literal

import msgspec

from smartmail.domain.errors import Invalid

MAX_TEXT_OCTETS = 64 << 10
MAX_SUBJECT_CHARACTERS = 500
DAYS = 1
"""Days between two replies to one sender: RFC 5230 §4.1 wants 7 unless told; people expect a daily one."""


Outside = Literal["same", "other", "none"]


class Vacation(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 8621 §8 VacationResponse. Times in milliseconds of Unix time, None without a bound.

    `html` may be None: then the reply is plain text only. `days` between two replies to the same sender.

    `outside`: what those get who write from outside the installation: the same, `outside_text`, or nothing.
    """

    is_enabled: bool = False
    from_date: int | None = None
    to_date: int | None = None
    subject: str | None = None
    text: str | None = None
    html: str | None = None
    days: int = DAYS
    outside: Outside = "same"
    outside_text: str | None = None

    def applies(self, now: int) -> bool:
        """Whether it answers mail that comes now."""
        begun = self.from_date is None or now >= self.from_date
        return self.is_enabled and begun and (self.to_date is None or now < self.to_date)

    def for_outside(self) -> "Vacation | None":
        """Return what answers somebody from outside; None: nothing does."""
        if self.outside == "other":
            return msgspec.structs.replace(self, text=self.outside_text, html=None)
        return self if self.outside == "same" else None

    def require_sane(self) -> None:
        """Raise Invalid for values that cannot be kept."""
        if self.from_date is not None and self.to_date is not None and self.to_date <= self.from_date:
            raise Invalid("the end lies before the begin", reason="end.first")
        for text in (self.text, self.html, self.outside_text):
            if text is not None and len(text.encode("utf-8", "replace")) > MAX_TEXT_OCTETS:
                raise Invalid(
                    f"the text has at most {MAX_TEXT_OCTETS} octets", reason="text.long", most=MAX_TEXT_OCTETS
                )
        if self.subject is not None and len(self.subject) > MAX_SUBJECT_CHARACTERS:
            raise Invalid(
                f"the subject has at most {MAX_SUBJECT_CHARACTERS} characters",
                reason="text.long",
                most=MAX_SUBJECT_CHARACTERS,
            )


def encode_vacation(vacation: Vacation) -> bytes:
    """Return the octets to seal."""
    return msgspec.msgpack.encode(vacation)


def decode_vacation(octets: bytes) -> Vacation:
    """Return the values again."""
    return msgspec.msgpack.decode(octets, type=Vacation)
