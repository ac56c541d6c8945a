"""Audit record: who did what to what. Written in the act's own transaction, chained by a job later."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """`at` in milliseconds; `actor`, `action` and `object` are ids and dotted names, free text is sealed."""

    at: int
    actor: str
    action: str
    object: str
    address: str = ""
    sealed_detail: bytes | None = None
