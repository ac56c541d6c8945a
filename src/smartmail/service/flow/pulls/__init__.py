"""Pulls (외부메일 가져오기, BR-21): mail of other providers is brought into an account, as its person wants it.

Must not know POP3 or IMAP: those are edge.pulling, behind ports.pull_source.
PARTS  texts (what is sealed), checking (what a person may ask for), book (the person's acts), overseeing (administrators),
       turning (one turn through one mailbox), working (the jobs).
"""

from dataclasses import dataclass

from smartmail.service.flow.pulls.book import PullBook, PullLook
from smartmail.service.flow.pulls.overseeing import PullOversight, PullSeen
from smartmail.service.flow.pulls.texts import OpenPull, PullText
from smartmail.service.flow.pulls.working import PullWork


@dataclass(frozen=True, slots=True)
class Pulls:
    """The parts that edges and jobs call."""

    book: PullBook
    oversight: PullOversight
    work: PullWork


__all__ = ["OpenPull", "PullBook", "PullLook", "PullOversight", "PullSeen", "PullText", "PullWork", "Pulls"]
