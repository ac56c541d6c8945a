"""A leaver's rights on mail of others, handed to a successor: what was given for a time is not prolonged by it."""

from smartmail.domain.ids import AccountId, MailboxId
from smartmail.domain.rights import NO_END, Grant, Grantee
from smartmail.service.people.account_life.holdings.shares import _together


def grant(number: int, rights: str, ends_at: int = NO_END) -> Grant:
    return Grant(AccountId(1), MailboxId(4), Grantee("account", number), frozenset(rights), ends_at=ends_at)


def test_the_time_of_what_is_handed_over_stays():
    mine = grant(7, "lrswi", 1_000)
    assert _together(mine, None) == (frozenset("lrswi"), 1_000)
    assert _together(mine, grant(8, "lrte", 1_000)) == (frozenset("lrswite"), 1_000)
    # Rights of different times do not mix: the longer ones stay.
    assert _together(mine, grant(8, "lr")) == (frozenset("lr"), NO_END)
    assert _together(mine, grant(8, "lr", 2_000)) == (frozenset("lr"), 2_000)
    assert _together(grant(7, "lrswi"), grant(8, "lr", 2_000)) == (frozenset("lrswi"), NO_END)
