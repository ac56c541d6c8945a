"""Any interleaving of changes, hints, lost hints and questions: each answer is that of one epoch as a whole, an epoch never
goes down in a process, and nobody asks about one that is older than a second (AR-9).
"""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from smartmail.domain.account import Account
from smartmail.domain.organization import Standing
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.policy.knobs import PASSWORD_MIN_LENGTH
from smartmail.service.kernel.policy import FRESH_MS, PolicyService

KNOBS = ("door.imap", "door.pop3", "password.min-length")
ACCOUNT = Account(
    7, 1, "person", "active", "kim@a.example", "김", "ko", is_admin=False, wrapped_key=b"", modseq=0, horizon=0, quota=None,
    used=0, messages=0, auth_epoch=0,
)  # fmt: skip


class World:
    """A store with all its epochs, a clock, and two processes that hear hints only when told to."""

    def __init__(self):
        self.epochs = [()]
        self.since = [0]
        self.time = 0
        self.listeners = ([], [])
        self.processes = [PolicyService(self, self, _Ear(heard)) for heard in self.listeners]

    # ports.store, as far as it is asked

    async def policy_epoch(self):
        await asyncio.sleep(0)
        return len(self.epochs) - 1

    async def policy_rules(self, epoch=None):
        newest = len(self.epochs) - 1
        await asyncio.sleep(0)
        # One snapshot: what comes while it is read belongs to the next.
        return newest, list(self.epochs[newest])

    async def standing(self, account_id):
        return Standing()

    async def groups_of(self, account_id):
        return []

    # ports.clock

    def now(self):
        return self.time

    # what happens

    def change(self, knob, value):
        rule = PolicyRule(knob, Scope("system"), value if knob.startswith("door") else 8 + value * 4)
        self.epochs.append((*(one for one in self.epochs[-1] if one.knob != knob), rule))
        self.since.append(self.time)

    def hint(self, process):
        for heard in self.listeners[process]:
            heard("")

    def expected(self, epoch):
        held = {rule.knob: rule.value for rule in self.epochs[epoch]}
        return tuple(held.get(knob, default) for knob, default in zip(KNOBS, (True, True, 10), strict=True))


class _Ear:
    def __init__(self, heard):
        self.heard = heard

    def subscribe(self, _topic, listener):
        self.heard.append(listener)
        return lambda: self.heard.remove(listener)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("change"), st.sampled_from(KNOBS), st.booleans()),
        st.tuples(st.just("hint"), st.integers(0, 1)),
        st.tuples(st.just("wait"), st.integers(1, 2 * FRESH_MS)),
        st.tuples(st.just("ask"), st.integers(0, 1), st.integers(1, 4)),
    ),
    max_size=40,
)


async def play(steps):
    world, seen = World(), [0, 0]
    for kind, *rest in steps:
        if kind == "change":
            world.change(*rest)
        elif kind == "hint":
            world.hint(*rest)
        elif kind == "wait":
            world.time += rest[0]
        else:
            await ask(world, seen, *rest)


async def ask(world, seen, process, count):
    asked, newest = world.time, len(world.epochs) - 1
    answers = await asyncio.gather(*(world.processes[process].of(ACCOUNT) for _ in range(count)))
    for one in answers:
        values = (one.is_open("imap"), one.is_open("pop3"), one[PASSWORD_MIN_LENGTH])
        assert values == world.expected(one.epoch)
        assert one.epoch >= seen[process]
        if one.epoch < newest:
            assert world.since[one.epoch + 1] > asked - FRESH_MS
    seen[process] = max(one.epoch for one in answers)


@given(STEPS)
def test_every_answer_is_of_one_epoch_that_is_young_enough(steps):
    asyncio.run(play(steps))
