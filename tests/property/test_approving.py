"""Approval lines: every transition of the table, what is forbidden, and that no mail goes without the votes that its line asks for."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.domain import approving, working_hours
from smartmail.domain.approving import OPEN, SENT, Course, Line, Step, Vote, Who
from smartmail.domain.errors import AlreadyExists, Forbidden, Invalid, MailError, StateMismatch
from smartmail.domain.holidays import Holidays
from smartmail.domain.ids import AccountId

KIM, LEE, PARK, CHOI = (AccountId(one) for one in (1, 2, 3, 4))
TEAM = frozenset({KIM, LEE})
MANAGER = Who("manager")


def line(*steps: Step, **facts) -> Line:
    return Line("결재", steps or (Step(MANAGER),), **facts)


def asked(*steps: Step, people=TEAM, **facts) -> Course:
    return approving.found(Course(line(*steps, **facts)), people)


def yes(account: AccountId = KIM, by: AccountId | None = None) -> Vote:
    return Vote(account, True, account if by is None else by)


def no(account: AccountId = KIM) -> Vote:
    return Vote(account, False, account)


ALL = Step(MANAGER, "all")
TWO = (Step(MANAGER), Step(Who("people", people=(PARK,))))
OUTSIDE = Step(Who("external", system="전자결재"))
NOBODY = frozenset[AccountId]()
VOTED, FOUND, TIME = approving.voted, approving.found, approving.timed_out
TABLE = [
    ("asked, nobody is found", asked(people=NOBODY), lambda c: c, "held", 0, ""),
    ("asked", asked(), lambda c: c, "waiting", 0, ""),
    ("somebody is found", asked(people=NOBODY), lambda c: FOUND(c, TEAM), "waiting", 0, ""),
    ("one yes of all", asked(ALL), lambda c: VOTED(c, yes()), "waiting", 0, ""),
    ("a step is passed", asked(*TWO), lambda c: VOTED(c, yes()), "held", 1, ""),
    ("the last step is passed", asked(), lambda c: VOTED(c, yes()), "approved", 0, "release"),
    ("all say yes", asked(ALL), lambda c: VOTED(VOTED(c, yes()), yes(LEE)), "approved", 0, "release"),
    ("the first says no", asked(), lambda c: VOTED(c, no()), "rejected", 0, "remove"),
    ("one of all says no", asked(ALL), lambda c: VOTED(c, no()), "rejected", 0, "remove"),
    ("escalated", asked(ALL), lambda c: approving.escalated(c, frozenset({CHOI})), "waiting", 0, ""),
    ("time: reject", asked(), TIME, "expired", 0, "remove"),
    ("time: approve", asked(Step(MANAGER, at_end="approve")), TIME, "approved", 0, "release"),
    ("time: keep", asked(Step(MANAGER, at_end="keep")), TIME, "waiting", 0, ""),
    ("withdrawn", asked(), approving.withdrawn, "withdrawn", 0, "remove"),
    ("an administrator releases", asked(people=NOBODY), lambda c: approving.ruled(c, release=True), "released", 0, "release"),
    ("an administrator rejects", asked(), lambda c: approving.ruled(c, release=False), "rejected", 0, "remove"),
    ("who could decide has left", asked(), lambda c: FOUND(c, NOBODY), "held", 0, ""),
    ("time: approve, but nobody", asked(Step(MANAGER, at_end="approve"), people=NOBODY), TIME, "expired", 0, "remove"),
    ("another system", asked(OUTSIDE, people=NOBODY), lambda c: VOTED(c, yes(AccountId(0))), "approved", 0, "release"),
    ("sent, time: reject", asked(afterwards=True), TIME, "waiting", 0, ""),
    ("sent, time: approve", asked(Step(MANAGER, at_end="approve"), afterwards=True), TIME, "approved", 0, ""),
    ("sent before it is decided", asked(afterwards=True), lambda c: VOTED(c, no()), "rejected", 0, ""),
]  # fmt: skip


@pytest.mark.parametrize(("what", "before", "change", "state", "step", "hold"), TABLE, ids=[one[0] for one in TABLE])
def test_transitions(what, before, change, state, step, hold):
    after = change(before)
    assert (after.state, after.step, approving.hold_of(before, after)) == (state, step, hold)


@pytest.mark.parametrize("ended", ["approved", "rejected", "expired", "withdrawn", "released"])
def test_what_is_over_stays_so(ended):
    over = Course(line(), ended, approvers=TEAM)
    for change in (
        lambda: VOTED(over, yes()), lambda: TIME(over), lambda: approving.withdrawn(over), lambda: FOUND(over, TEAM),
        lambda: approving.ruled(over, release=True), lambda: approving.escalated(over, TEAM),
    ):  # fmt: skip
        with pytest.raises(AlreadyExists):
            change()


def test_who_may_not_decide():
    with pytest.raises(Forbidden):
        VOTED(asked(), yes(PARK))
    with pytest.raises(Forbidden, match="others"):
        VOTED(asked(), yes(AccountId(0)))
    with pytest.raises(StateMismatch):
        VOTED(asked(people=NOBODY), yes())
    with pytest.raises(StateMismatch):
        approving.withdrawn(asked(afterwards=True))


def test_a_right_is_used_once():
    after = VOTED(asked(ALL), yes(KIM, by=PARK))
    assert VOTED(after, yes(KIM, by=PARK)) == after
    with pytest.raises(AlreadyExists):
        VOTED(after, yes(KIM))
    with pytest.raises(AlreadyExists):
        VOTED(after, no(KIM))


def test_who_stands_above_decides_alone():
    above = approving.escalated(asked(ALL), frozenset({CHOI}))
    assert VOTED(above, yes(CHOI)).state == "approved"
    assert VOTED(above, no(CHOI)).state == "rejected"
    with pytest.raises(AlreadyExists):
        approving.escalated(above, TEAM)


def test_m_of_n():
    people = frozenset({KIM, LEE, PARK})
    begun = asked(Step(MANAGER, 2), people=people)
    once = VOTED(begun, no(KIM))
    assert once.state == "waiting"
    assert VOTED(once, no(LEE)).state == "rejected"
    assert VOTED(VOTED(once, yes(LEE)), yes(PARK)).state == "approved"
    assert asked(Step(MANAGER, 3)).state == "held", "two people are no three votes"


@pytest.mark.parametrize(
    "step",
    [
        Step(Who("post")), Step(Who("people")), Step(Who("group")), Step(Who("external")),
        Step(Who("people", people=(1,)), 2), Step(MANAGER, escalate_after=4, decide_after=4),
        Step(MANAGER, escalate=Who("post")),
    ],
)  # fmt: skip
def test_lines_that_nobody_can_go_through(step):
    with pytest.raises(Invalid):
        approving.check(line(step))
    approving.check(line())


PEOPLE = st.frozensets(st.sampled_from([KIM, LEE, PARK, CHOI]), max_size=4)
STEPS = st.builds(
    Step, st.just(MANAGER), st.one_of(st.sampled_from(["any", "all"]), st.integers(1, 4)),
    at_end=st.sampled_from(["reject", "keep"]),
)  # fmt: skip
ACTS = st.one_of(
    st.tuples(st.just("vote"), st.sampled_from([KIM, LEE, PARK, CHOI]), st.booleans()),
    st.tuples(st.just("find"), PEOPLE, st.none()),
    st.tuples(st.sampled_from(["time", "withdraw"]), st.none(), st.none()),
)


@given(st.lists(STEPS, min_size=1, max_size=3), PEOPLE, st.lists(ACTS, max_size=25))
def test_no_mail_goes_without_its_votes_and_none_goes_twice(steps, people, acts):
    course, sent, passed = asked(*steps, people=people), 0, set()
    for what, about, value in acts:
        before = course
        try:
            if what == "vote":
                course = VOTED(course, Vote(about, value, about))
            elif what == "find":
                course = FOUND(course, about)
            else:
                course = TIME(course) if what == "time" else approving.withdrawn(course)
        except MailError:
            continue
        if before.state in OPEN and (course.step > before.step or course.state in SENT):
            assert what == "vote" and value and about in before.approvers
            assert sum(one.approve for one in before.votes) + 1 >= before.needed
            passed.add(before.step)
        sent += approving.hold_of(before, course) == "release"
    assert sent <= 1
    assert not sent or passed == set(range(len(steps)))


KST, HOUR = 9 * 3_600_000, 3_600_000


def kst(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000) - KST


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-12-02T10:00", 4, "2026-12-02T14:00"),
        ("2026-12-02T16:30", 4, "2026-12-03T11:30"),
        ("2026-12-04T20:00", 4, "2026-12-07T13:00"),  # Friday evening
        ("2026-12-24T17:00", 4, "2026-12-28T12:00"),  # Christmas is a Friday
        ("2026-02-13T17:00", 2, "2026-02-19T10:00"),  # 설날: Monday to Wednesday
        ("2026-12-02T09:00", 9, "2026-12-02T18:00"),
        ("2026-12-02T09:00", 10, "2026-12-03T10:00"),
        ("2026-12-05T00:00", 0, "2026-12-07T09:00"),
    ],
)
def test_working_hours(start, hours, end):
    assert working_hours.after(kst(start), hours, Holidays(("KR",)), KST) == kst(end)


@given(st.integers(kst("2026-01-01T00:00"), kst("2030-01-01T00:00")), st.integers(0, 60))
def test_working_hours_never_go_back(start, hours):
    days = Holidays(("KR",))
    end = working_hours.after(start, hours, days, KST)
    assert end >= start + hours * HOUR
    assert working_hours.after(start, hours + 1, days, KST) > end
