"""Steps of approval lines in words: what is shown is read again, what is none is refused, and nothing else happens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.domain.approving import Step, Who
from smartmail.domain.errors import Invalid
from smartmail.service.flow.approvals.step_words import addresses_in, read_step, show_step

ACCOUNTS = {"kim@a.example": 5, "lee@a.example": 6}
LOGINS = {number: login for login, number in ACCOUNTS.items()}


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("manager", Step(Who("manager"))),
        ("manager:2 need=all", Step(Who("manager", levels=2), "all")),
        ("manager:1:본부장 end=keep", Step(Who("manager", duty="본부장"), at_end="keep")),
        ("people:kim@a.example,LEE@a.example need=2", Step(Who("people", people=(5, 6)), 2)),
        ("post:kim@a.example escalate=1 decide=9", Step(Who("post", post=5), "any", 1, 9)),
        ("group:3 to=administrators", Step(Who("group", group=3), escalate=Who("administrators"))),
        ("system:전자결재 escalate=0 decide=0", Step(Who("external", system="전자결재"), "any", 0, 0)),
    ],
)
def test_words(text, step):
    assert read_step(text, ACCOUNTS) == step
    assert read_step(show_step(step, LOGINS), ACCOUNTS) == step


@pytest.mark.parametrize(
    "text",
    [
        "", "manager:0", "manager:x", "boss", "people:", "people:x@a.example", "group:x", "system:", "manager need=0",
        "manager need=some", "manager need=all need=any", "manager end=send", "manager decide=-1", "manager whatever",
        "manager to=boss", "administrators:1",
    ],
)  # fmt: skip
def test_what_is_no_step(text):
    with pytest.raises(Invalid):
        read_step(text, ACCOUNTS)


def test_addresses_that_are_looked_up():
    assert addresses_in("people:Kim@a.example,lee@a.example to=post:x@a.example") == [
        "kim@a.example", "lee@a.example", "x@a.example",
    ]  # fmt: skip


@given(st.text(alphabet="managerpoltsuy:=,0123 \u0663가@.", max_size=60))
def test_anything_is_read_or_refused(text):
    try:
        addresses_in(text)
        step = read_step(text, ACCOUNTS)
    except Invalid:
        return
    assert read_step(show_step(step, LOGINS), ACCOUNTS) == step
