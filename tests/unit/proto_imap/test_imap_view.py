"""Sequence numbers and when EXPUNGE may be told."""

import tracemalloc

from smartmail.proto.imap.numbers import NumberSet, parse_set
from smartmail.proto.imap.view import MailboxView, UidPool, Updates, may_expunge


def view_of(*uids: int) -> MailboxView:
    return MailboxView(UidPool().make(uids))


def ranges(view: MailboxView, text: str, *, uid: bool = False):
    numbers = parse_set(text.encode())
    assert isinstance(numbers, NumberSet)
    return view.resolve(numbers, uid=uid)


def test_when_expunge_may_be_told():
    # RFC 3501 §7.4.1
    assert not may_expunge(None)
    for name in ("FETCH", "STORE", "SEARCH"):
        assert not may_expunge(name)
        assert may_expunge("UID " + name)
    for name in ("NOOP", "IDLE", "EXPUNGE", "COPY", "MOVE", "CHECK", "APPEND"):
        assert may_expunge(name)


def test_sets_become_ranges():
    view = view_of(10, 20, 30, 40, 50)
    assert ranges(view, "1:3,5") == [(0, 3), (4, 5)]
    assert ranges(view, "4,5,1:2,2:4") == [(0, 5)]
    assert ranges(view, "*") == [(4, 5)]
    assert ranges(view, "*:3") == [(2, 5)]
    assert ranges(view, "6") is None
    assert ranges(view, "2:6") is None
    assert ranges(view, "20:40", uid=True) == [(1, 4)]
    assert ranges(view, "1:9,21:29", uid=True) == []
    assert ranges(view, "60:*", uid=True) == [(4, 5)]
    assert ranges(view, "10,20,50", uid=True) == [(0, 2), (4, 5)]
    assert ranges(view_of(), "1:*") is None
    assert ranges(view_of(), "1:*", uid=True) == []


def test_gone_messages_keep_their_number_until_told():
    view = view_of(1, 2, 3, 4)
    view.apply(removed=[2])
    assert view.updates("FETCH") == Updates()
    assert view.count == 4
    assert view.sequence(3) == 3
    assert view.live([(0, 4)]) == [(0, 1), (2, 4)]
    assert view.live([(1, 2)]) == []
    assert list(view.uids_in(view.live([(0, 4)]))) == [1, 3, 4]
    assert view.updates("NOOP") == Updates(expunged=(2,), vanished=(2,))
    assert view.sequence(3) == 2
    assert not view.due


def test_expunges_come_before_exists_and_flags():
    view = view_of(1, 2, 3, 4)
    view.apply(added=[5, 6], removed=[1, 3], changed=[4, 3, 6])
    updates = view.updates("NOOP")
    assert updates == Updates(expunged=(3, 1), vanished=(1, 3), exists=4, flags=((2, 4),))
    assert list(view.uids) == [2, 4, 5, 6]


def test_exists_counts_what_is_gone_and_not_told():
    view = view_of(1, 2)
    view.apply(added=[3], removed=[1])
    assert view.updates("STORE").exists == 3
    assert view.updates("NOOP") == Updates(expunged=(1,), vanished=(1,))


def test_what_came_and_went_was_never_there():
    view = view_of(1)
    view.apply(added=[2, 3])
    view.apply(removed=[2])
    assert view.updates("NOOP") == Updates(exists=2)
    assert list(view.uids) == [1, 3]


def test_repeats_do_no_harm():
    view = view_of(1, 2)
    for _ in range(3):
        view.apply(added=[2, 3], removed=[1], changed=[2])
    assert view.updates("NOOP") == Updates(expunged=(1,), vanished=(1,), exists=2, flags=((1, 2),))
    view.apply(added=[1, 2, 3], removed=[1])
    assert view.updates("NOOP") == Updates()
    view.apply(removed=[3])
    view.updates("NOOP")
    view.apply(added=[3])
    assert not view.due


def test_own_store_is_not_told_twice():
    view = view_of(1, 2)
    view.apply(changed=[1, 2])
    view.unchanged([1])
    assert view.updates("STORE").flags == ((2, 2),)


def test_many_sessions_share_one_array():
    pool = UidPool()
    views = [MailboxView(pool.make(range(1, 100_001))) for _ in range(20)]
    assert len({id(view.uids) for view in views}) == 1
    for number, view in enumerate(views):
        view.apply(added=[100_001], removed=[50])
        view.apply(changed=[7])
        if number % 2:
            # Half of them hear it in two steps and still end on the same array.
            view.updates("FETCH")
        view.updates("NOOP")
    assert len({id(view.uids) for view in views}) == 1
    assert views[0].count == 100_000


def test_an_idle_view_is_small():
    pool = UidPool()
    shared = pool.make(range(1, 100_001))
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    views = [MailboxView(shared) for _ in range(100)]
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(views) == 100
    assert (after - before) / 100 < 500
