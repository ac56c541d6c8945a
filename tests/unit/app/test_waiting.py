"""What several services and processes wait with: callbacks by account, and whichever of two events comes first."""

import asyncio

from smartmail.app.serving.loops import either
from smartmail.domain.ids import AccountId
from smartmail.service.kernel.waiters import Waiters

KIM, LEE = AccountId(1), AccountId(2)


def test_waiters_are_called_by_account_until_they_end():
    waiters, called = Waiters(), []
    end = waiters.watch(KIM, lambda: called.append("kim"))
    waiters.watch(LEE, lambda: called.append("lee"))
    waiters.call(KIM)
    waiters.call(3)
    waiters.call_all()
    assert called == ["kim", "kim", "lee"]
    end()
    end()
    waiters.call_all()
    assert (called[3:], len(waiters)) == (["lee"], 1)


def test_a_waiter_may_end_itself_and_others_while_it_is_called():
    waiters, called, ends = Waiters(), [], []

    def waiter():
        called.append(1)
        for end in ends:
            end()

    ends += [waiters.watch(KIM, waiter), waiters.watch(LEE, lambda: called.append(2))]
    waiters.call_all()
    assert (called, len(waiters)) == ([1], 0)


async def test_either_of_two_events_is_enough():
    for at in (0, 1):
        events = asyncio.Event(), asyncio.Event()
        events[at].set()
        await either(*events, 3600)
    await either(asyncio.Event(), asyncio.Event(), 0)
