"""What grants give at a moment: those that end by themselves give nothing from then on."""

from smartmail.domain.ids import AccountId, MailboxId
from smartmail.domain.rights import NEVER, NO_END, WHOLE_ACCOUNT, Grant, Grantee, effective

OWNER, BOX = AccountId(1), MailboxId(4)
LEE, TEAM = Grantee("account", 7), Grantee("group", 3)


def grant(grantee: Grantee, rights: str, ends_at: int = NO_END, box: MailboxId = BOX) -> Grant:
    return Grant(OWNER, box, grantee, frozenset(rights), ends_at=ends_at)


def at(now: int, *grants: Grant):
    return effective(grants, frozenset({LEE, TEAM}), frozenset(), NEVER, now)


def test_a_grant_gives_nothing_from_its_end_on():
    one = grant(LEE, "lr", 1_000)
    assert at(999, one).on(BOX) == frozenset("lr")
    assert at(1_000, one).anywhere() == frozenset()
    assert not one.ended(999)
    assert not grant(LEE, "lr").ended(1 << 60)


def test_what_others_give_goes_on_and_the_next_end_is_told():
    held = at(500, grant(LEE, "lrswi", 1_000), grant(TEAM, "lr"), grant(TEAM, "lrs", 2_000, WHOLE_ACCOUNT))
    assert (held.on(BOX), held.ends_at) == (frozenset("lrswi"), 1_000)
    assert (held.ended(999), held.ended(1_000)) == (False, True)
    later = at(1_000, grant(LEE, "lrswi", 1_000), grant(TEAM, "lr"), grant(TEAM, "lrs", 2_000, WHOLE_ACCOUNT))
    assert (later.on(BOX), later.ends_at) == (frozenset("lrs"), 2_000)
    # Ends of grants to others are nobody's business.
    assert at(500, grant(Grantee("account", 8), "lr", 900), grant(LEE, "lr")).ends_at == NO_END
