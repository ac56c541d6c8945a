"""The rows of the comparison: what must be reached, as ratios to a peer in the same run or as absolute bounds.

The ratios come from figures of a quiet machine with two cores; a run on any other machine compares by them.
"""

from dataclasses import dataclass
from typing import Literal

Results = dict[str, dict[str, float]]
"""Server key → figure → median of the rounds."""


@dataclass(frozen=True)
class Row:
    """One figure. `must` and `aim` bound SmartMail's figure: times the peer's, or as it is without `against`.

    `more`: more is better, else less is.
    """

    figure: str
    title: str
    unit: str
    must: float
    aim: float
    against: str = ""
    more: bool = False

    def verdict(self, results: Results) -> Literal["aim", "must", "missed", ""]:
        """Judge a run; "" where a figure is missing."""
        ratio = self.ratio(results)
        if ratio is None:
            return ""
        if self.more:
            return "aim" if ratio >= self.aim else "must" if ratio >= self.must else "missed"
        return "aim" if ratio <= self.aim else "must" if ratio <= self.must else "missed"

    def ratio(self, results: Results) -> float | None:
        """Return what the bounds are about; None where a figure is missing."""
        ours = results.get("smartmail", {}).get(self.figure)
        if ours is None or not self.against:
            return ours
        theirs = results.get(self.against, {}).get(self.figure)
        return ours / theirs if theirs else None


ROWS = (
    Row("ingest_cpu", "SMTP ingest, office mail, 20 connections: CPU per 1,000", "s", 0.21, 0.105, "postfix"),
    Row("ingest_rate", "the same: delivered", "/s", 1.0, 1.7, "dovecot", more=True),
    Row("fanout_rate", "10 recipients: copies", "/s", 6.0, 10.0, "postfix_crypt", more=True),
    Row("fresh_cpu", "a new connection for each message: CPU per 1,000", "s", 0.25, 0.14, "postfix"),
    Row("flags", "FETCH UID FLAGS of all", "ms", 2.0, 1.0, "dovecot"),
    Row("headers_first", "all headers that Thunderbird asks for, first time", "ms", 2.0, 0.5, "dovecot"),
    Row("headers", "the same, later", "ms", 3.0, 1.0, "dovecot"),
    Row("envelope", "ENVELOPE and BODYSTRUCTURE of all, later", "ms", 2.0, 1.0, "dovecot"),
    Row("body", "one body", "ms", 4.6, 2.3, "dovecot"),
    Row("bodies", "500 bodies", "ms", 17.9, 7.1, "dovecot"),
    Row("store", "STORE of 1,000", "ms", 6.0, 5.0),
    Row("copy", "COPY of 1,000", "ms", 1.0, 0.2, "dovecot"),
    Row("move", "MOVE of 1,000", "ms", 1.0, 0.2, "dovecot"),
    Row("mixed_cpu", "mixed work, 20 sessions: server CPU per operation", "ms", 0.76, 0.42, "dovecot"),
    Row("wake_up", "IDLE wake-up after the 250", "ms", 20.0, 5.0),
    Row("idle_plain", "memory per idle connection, in clear", "KiB", 50.0, 20.0),
    Row("idle_tls", "memory per idle connection, TLS", "KiB", 90.0, 60.0),
)

APART = (
    Row("resync_first", "QRESYNC to a large mailbox with 100 changes, first opening", "ms", 1_000.0, 250.0),
    Row("resync", "the same, later", "ms", 50.0, 20.0),
    Row("idle_deflate", "memory per idle connection with COMPRESS", "KiB", 90.0, 70.0),
    Row("busy_growth", "growth of a process over 20 s of busy sessions", "MiB", 8.0, 2.0),
    Row("busy_rate", "commands of busy sessions", "/s", 100.0, 500.0, more=True),
    Row("bulk_tag", "tag on all messages of a mailbox", "s", 5.0, 1.0),
    Row("bulk_move", "move of all messages of a mailbox", "s", 5.0, 1.0),
    Row("bulk_others", "another person's commands meanwhile, p99", "ms", 100.0, 50.0),
    Row("bulk_slowest", "the slowest of them", "ms", 500.0, 200.0),
)
"""Figures of workloads that are run by name alone."""


def sealing_cost(results: Results) -> float | None:
    """Return what sealing adds to the CPU of SMTP ingest, in percent."""
    sealed = results.get("smartmail", {}).get("ingest_cpu")
    unsealed = results.get("unsealed", {}).get("ingest_cpu")
    return (sealed / unsealed - 1) * 100 if sealed and unsealed else None


def indexing_cost(results: Results) -> float | None:
    """Return what making the index for search takes, in CPU seconds per 1,000 messages: no part of any row."""
    figures = results.get("smartmail", {})
    total, delivery = figures.get("ingest_total"), figures.get("ingest_cpu")
    return total - delivery if total is not None and delivery is not None else None


SEALING_MUST, SEALING_AIM = 15.0, 5.0
