"""A client that only hears untagged responses ends with what the mailbox holds."""

from bisect import bisect_left

from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.proto.imap.numbers import NumberSet
from smartmail.proto.imap.view import MailboxView, UidPool, may_expunge

COMMANDS = [None, "NOOP", "IDLE", "FETCH", "STORE", "SEARCH", "UID FETCH", "UID STORE", "UID SEARCH", "COPY"]
STEP = st.one_of(
    st.tuples(st.just("add"), st.integers(1, 4)),
    st.tuples(st.just("remove"), st.lists(st.integers(0, 60), min_size=1, max_size=5)),
    st.tuples(st.just("change"), st.lists(st.integers(0, 60), min_size=1, max_size=4)),
    st.tuples(st.just("update"), st.sampled_from(COMMANDS)),
    st.tuples(st.just("resolve"), st.lists(st.tuples(st.integers(1, 90), st.integers(1, 90)), min_size=1, max_size=4)),
)


class Client:
    """Believes what it is told: a list of UIDs by sequence number, 0 where it has not asked yet."""

    def __init__(self, uids):
        self.uids = list(uids)
        self.told_flags = set()

    def hear(self, updates, mailbox_view):
        for number in updates.expunged:
            del self.uids[number - 1]
        if updates.exists is not None:
            assert updates.exists >= len(self.uids)
            self.uids += [0] * (updates.exists - len(self.uids))
        # UID FETCH of what is new
        self.uids = [uid or mailbox_view.uid(number) for number, uid in enumerate(self.uids, 1)]
        for number, uid in updates.flags:
            assert self.uids[number - 1] == uid
            self.told_flags.add(uid)


class Session:
    def __init__(self, pool, uids):
        self.view = MailboxView(pool.make(uids))
        self.client = Client(uids)
        self.owed = set()

    def update(self, name, truth):
        before = list(self.client.uids)
        updates = self.view.updates(name)
        if not may_expunge(name):
            assert updates.expunged == ()
        self.client.hear(updates, self.view)
        assert self.client.uids == list(self.view.uids)
        if not may_expunge(name):
            assert self.client.uids[: len(before)] == before
        gone = set(self.view.gone)
        assert [uid for uid in self.client.uids if uid not in gone] == truth
        assert not may_expunge(name) or not gone

    def resolve(self, pairs):
        """Ranges against a loop over every message."""
        numbers = NumberSet(tuple((min(pair), max(pair)) for pair in pairs))
        wanted = {n for low, high in numbers.ranges for n in range(low, high + 1)}
        found = self.view.uids_in(self.view.live(self.view.resolve(numbers, uid=True)))
        gone = set(self.view.gone)
        assert list(found) == [uid for uid in self.client.uids if uid in wanted and uid not in gone]
        by_number = self.view.resolve(numbers, uid=False)
        if max(wanted) > len(self.client.uids):
            assert by_number is None
        else:
            assert list(self.view.uids_in(by_number)) == [self.client.uids[n - 1] for n in sorted(wanted)]


@settings(max_examples=250, deadline=None)
@given(st.integers(0, 12), st.lists(st.tuples(STEP, st.integers(0, 2)), max_size=40))
def test_replayed_responses_equal_the_mailbox(start, steps):
    truth = list(range(1, start + 1))
    next_uid = start + 1
    pool = UidPool()
    sessions = [Session(pool, truth) for _ in range(3)]
    for (verb, argument), who in steps:
        if verb == "add":
            added = list(range(next_uid, next_uid + argument))
            next_uid += argument
            truth += added
            for session in sessions:
                session.view.apply(added=added)
        elif verb == "remove" and truth:
            removed = {truth[index % len(truth)] for index in argument}
            truth = [uid for uid in truth if uid not in removed]
            for session in sessions:
                session.view.apply(removed=removed)
                session.owed -= removed
        elif verb == "change" and truth:
            changed = {truth[index % len(truth)] for index in argument}
            for session in sessions:
                session.view.apply(changed=changed)
                session.owed |= {uid for uid in changed if uid in session.client.uids}
        elif verb == "update":
            sessions[who].update(argument, truth)
            assert sessions[who].owed <= sessions[who].client.told_flags
        elif verb == "resolve":
            sessions[who].resolve(argument)
    for session in sessions:
        session.update("NOOP", truth)
        assert session.client.uids == truth
        assert session.owed <= session.client.told_flags
    assert len({id(session.view.uids) for session in sessions}) == 1 or not truth


@settings(max_examples=100, deadline=None)
@given(st.sets(st.integers(1, 300), max_size=60), st.integers(1, 300))
def test_sequence_and_uid_are_inverse(uids, probe):
    ordered = sorted(uids)
    view = MailboxView(UidPool().make(ordered))
    expected = bisect_left(ordered, probe) + 1 if probe in uids else 0
    assert view.sequence(probe) == expected
    assert [view.uid(view.sequence(uid)) for uid in ordered] == ordered
    assert view.uid(0) == view.uid(len(ordered) + 1) == 0
