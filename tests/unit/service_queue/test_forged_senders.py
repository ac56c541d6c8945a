"""Whoever is named as sender of mail that they did not send hears nothing of what became of it."""

from types import SimpleNamespace

import pytest

from smartmail.domain.inspection import AuthResult, Inspection, encode
from smartmail.domain.queue import Attempt
from smartmail.service.flow.queue_notices import notice_of
from smartmail.service.flow.queue_work import Outcome
from smartmail.service.kernel.envelope import Envelope, Recipient, Result


def told(envelope: Envelope, state: str = "bounced", notify: tuple[str, ...] = ()) -> bool:
    """Say whether the sender is told of what became of the one recipient."""
    rows = {0: (SimpleNamespace(delay_told=False), Recipient("kim@a.test", notify))}
    outcomes = [Outcome(0, "permanent", Result(550, "5.0.0", "no"))]
    return notice_of(SimpleNamespace(), envelope, rows, outcomes, [Attempt(0, state, 1, b"")], 2) is not None


def came(spf: str = "pass", *, foreign: bool = True, **found) -> Envelope:
    inspection = encode(Inspection((AuthResult("spf", spf),), **found))
    return Envelope("victim@b.test", foreign=foreign, inspection=inspection)


@pytest.mark.parametrize("spf", ["pass", "none", "neutral", "softfail", "temperror", "permerror"])
def test_a_sender_whom_nobody_denies_is_told(spf) -> None:
    assert told(came(spf))
    assert told(came(spf), "delivered", ("SUCCESS",))


def test_a_sender_whose_domain_denies_the_host_is_not() -> None:
    assert not told(came("fail"))
    assert not told(came("fail"), "delivered", ("SUCCESS",))
    assert not told(came("pass", act="junk"))


def test_but_one_who_is_proved_otherwise_is_and_one_of_ours_always() -> None:
    assert told(came("fail", aligned=True))
    assert told(came("fail", foreign=False))
    assert told(Envelope("kim@a.test", foreign=True))
    assert told(Envelope("kim@a.test", foreign=True, inspection=b"\xc1"))
