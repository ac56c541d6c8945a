"""Asking: what an approval of a letter is about, and who decides it, wherever it comes from.

STRATEGIES  A leak rule is named before a label, and a label before the limit of recipients outside. That a label is to be lowered
            is shown with each of them.
Must not know the queue, nor how a letter came.
"""

from dataclasses import dataclass

from smartmail.domain.addressing import ApprovalKind, ApprovalText, Doubt
from smartmail.policy.security_labels import Chosen
from smartmail.service.flow.outgoing.leaks import Ruling


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `line`: the name of the approval line, "" for the administrators."""

    kind: ApprovalKind
    line: str
    text: ApprovalText


@dataclass(frozen=True, slots=True)
class Doubted:
    """What its sender shall look at first. `alone`: nobody else has to decide about the letter."""

    doubts: tuple[Doubt, ...] = ()
    alone: bool = False


def question(
    ruling: Ruling, label: Chosen, sender: str, subject: str, recipients: int, outside: int, size: int, exit_: str,
    doubted: Doubted, *, secure: bool = False,
) -> Question:  # fmt: skip
    """Return what is asked about a letter that waits, or is reviewed; of the recipients so many are outside. `secure`: these get it
    as secure mail.
    """
    kind, line, about, count = kind_of(ruling, label, outside), ruling.line, ruling.about, recipients
    if kind == "limit" and doubted.doubts and doubted.alone:
        kind = "misdelivery"
    if kind == "label":
        line, about = label.line, label.reason or label.name
    elif kind in {"limit", "misdelivery"}:
        about, count = "outside", outside if kind == "limit" else recipients
    lowered = () if label.above is None else (label.above.name, label.name, label.reason)
    text = ApprovalText(
        sender,
        subject,
        about,
        count,
        size,
        exit=exit_,
        rule=ruling.rule,
        lowered=lowered,
        doubts=doubted.doubts,
        secure=secure,
    )
    return Question(kind, line, text)


def kind_of(ruling: Ruling, label: Chosen, outside: int) -> ApprovalKind:
    """Return what an approval is about first."""
    if ruling.held or ruling.review:
        return "leak"
    return "label" if label.above is not None or (outside and label.outside == "approve") else "limit"


def line_of(ruling: Ruling, label: Chosen, outside: int) -> str:
    """Return the approval line that decides."""
    return {"leak": ruling.line, "label": label.line}.get(kind_of(ruling, label, outside), "")
