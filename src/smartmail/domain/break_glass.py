"""Break-glass access (비상 접속) as it is remembered: for whom, by whom, through which door, how long, what came after."""

from dataclasses import dataclass, field

from smartmail.domain.ids import AccountId, OrganizationId


@dataclass(frozen=True, slots=True)
class Glass:
    """One opening. Milliseconds; `opened_by` and `ended_by` as the audit names actors, `ended_by` "" where the clock did it.

    `sealed_reason` is sealed like the one in the audit, bound to account and time.
    """

    id: int
    organization_id: OrganizationId
    account_id: AccountId
    opened_at: int
    until: int
    opened_by: str
    door: str
    address: str
    sealed_reason: bytes = field(repr=False)
    ended_at: int | None = None
    ended_by: str = ""
    reported_at: int | None = None

    def end(self) -> int:
        """Return when it ended, or will by the clock."""
        return self.until if self.ended_at is None else min(self.until, self.ended_at)

    def is_open(self, now: int) -> bool:
        """Say whether it lets somebody in."""
        return self.opened_at <= now < self.end()
