"""How an account stands to its limit."""

from dataclasses import dataclass

from smartmail.domain.ids import AccountId


@dataclass(frozen=True, slots=True)
class QuotaStanding:
    """Limit and use in octets, since when it is over (milliseconds), at how many percent its person was told, and whether
    it takes mail over its limit.
    """

    account_id: AccountId
    quota: int | None
    used: int
    over_since: int | None
    told: int
    lenient: bool

    @property
    def percent(self) -> int:
        """How full it is."""
        return 100 * self.used // self.quota if self.quota else 0
