"""Security labels (보안등급) of a company: their names, their order, and what mail that carries one may do (BR-17).

A company names its own. `rank` orders them: an answer or a forward never carries less than what it answers. How a label is chosen
is policy.security_labels; how it is written into a message formats.security_label.
"""

import re
from typing import Final, Literal

import msgspec

from smartmail.domain.errors import Invalid

Outside = Literal["allow", "approve", "refuse"]
"""Whether mail with the label may go to addresses of other companies: freely, after an approval, or not at all."""
MAX_LABELS: Final = 12
MAX_NAME: Final = 40
MAX_RANK: Final = 99
MAX_LINE: Final = 100
MAX_TERM: Final = 36_500
_ID: Final = re.compile("[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")


class SecurityLabel(msgspec.Struct, frozen=True, kw_only=True):
    """One label. `id` stays when the name changes: mail carries it. `mark`: the name is put before the subject, for readers with
    any program. `usual`: what mail carries where nobody chose; one label at most is usual. `line`: the approval line that decides
    whether mail with it goes outside, and whether an answer to it carries less; "" the administrators. `term`: the days after which mail that carries it counts as of the
    lower label `then`, or of none where that is ""; 0: it stays.
    """

    id: str
    name: str
    rank: int
    outside: Outside = "allow"
    mark: bool = False
    usual: bool = False
    line: str = ""
    term: int = 0
    then: str = ""

    @property
    def subject_mark(self) -> str:
        """The mark before the subject, "" for none."""
        return f"[{self.name}]" if self.mark else ""


def check(labels: tuple[SecurityLabel, ...]) -> None:
    """Raise Invalid where labels do not fit together."""
    if len(labels) > MAX_LABELS:
        raise Invalid(f"a company has at most {MAX_LABELS} security labels", reason="label.many", most=MAX_LABELS)
    for one in labels:
        if not _ID.fullmatch(one.id):
            raise Invalid("the id of a security label has 1 to 32 of a-z, 0-9 and -", reason="label.id")
        name = one.name
        if (
            not name.strip()
            or name != name.strip()
            or len(name) > MAX_NAME
            or not name.isprintable()
            or set(name) & set("[]")
        ):
            raise Invalid(
                f"the name of a security label has 1 to {MAX_NAME} characters, no brackets", reason="label.name"
            )
        if len(one.line) > MAX_LINE:
            raise Invalid(f"the name of an approval line has at most {MAX_LINE} characters", reason="label.line")
        if not 0 <= one.rank <= MAX_RANK:
            raise Invalid(f"the rank of a security label is 0 to {MAX_RANK}", reason="label.rank")
    ranks = {one.id: one.rank for one in labels}
    for one in labels:
        if not 0 <= one.term <= MAX_TERM:
            raise Invalid(f"the term of a security label is 0 to {MAX_TERM} days", reason="label.term", most=MAX_TERM)
        if one.then and (not one.term or ranks.get(one.then, one.rank) >= one.rank):
            raise Invalid("after its term a security label is one of a lower rank", reason="label.then")
    for values in ({one.id for one in labels}, {one.name.casefold() for one in labels}, {one.rank for one in labels}):
        if len(values) < len(labels):
            raise Invalid("security labels differ in id, name and rank", reason="label.twice")
    if sum(one.usual for one in labels) > 1:
        raise Invalid("one security label at most is the usual one", reason="label.usual")
