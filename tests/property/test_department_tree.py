"""Whatever is moved where, departments stay a tree; and looking people up finds whom a plain comparison finds."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from smartmail.domain.errors import Invalid
from smartmail.domain.organization import (
    LAST,
    MAX_DEPTH,
    Department,
    Entry,
    check_move,
    in_order,
    lineage,
    path_of,
)
from smartmail.service.people.organization.index import DirectoryIndex, folded, initials

moves = st.lists(st.tuples(st.integers(1, 8), st.integers(0, 9)), max_size=40)


@given(moves)
def test_moves_never_make_a_circle(wanted):
    tree = {number: Department(number, 1, str(number), f"팀{number}") for number in range(1, 9)}
    for number, parent in wanted:
        legal = parent == 0 or (parent in tree and number not in {one.id for one in lineage(tree, parent)})
        try:
            check_move(tree, number, parent)
        except Invalid:
            assert not legal
            continue
        assert legal
        tree[number] = replace(tree[number], parent_id=parent)
        shown = in_order(list(tree.values()))
        assert sorted(one.id for one, _depth in shown) == list(tree)
        assert all(len(lineage(tree, one.id)) == depth + 1 for one, depth in shown)


def test_a_tree_has_a_bottom():
    tree = {
        number: Department(number, 1, str(number), "팀", number - 1) for number in range(1, MAX_DEPTH + 1)
    } | {100: Department(100, 1, "x", "옆"), 101: Department(101, 1, "y", "아래", 100)}  # fmt: skip
    check_move(tree, 100, MAX_DEPTH - 2)
    for parent in (MAX_DEPTH, MAX_DEPTH - 1):
        try:
            check_move(tree, 100, parent)
        except Invalid:
            continue
        raise AssertionError(parent)
    assert path_of(tree, 101) == "옆 / 아래"


letters = st.text(st.sampled_from("김민지강우abㄱ 1"), min_size=0, max_size=5)
people = st.lists(st.tuples(letters, letters, letters, letters, st.sampled_from([1, 2, LAST])), max_size=12)


@given(people, st.text(st.sampled_from("김민지강ᄀᄆᄌab1 "), min_size=1, max_size=5))
def test_a_look_up_finds_what_a_plain_comparison_finds(made, typed):
    entries = [
        Entry(number, 1, "person", f"{login.strip() or 'x'}{number}@a", name, department, title, "", rank)
        for number, (name, login, department, title, rank) in enumerate(made)
    ]
    words = folded(typed).split()

    def fits(one: Entry) -> bool:
        parts = (one.name, one.department, one.title)
        texts = [*map(folded, parts), one.login, initials(folded(one.name)), initials(folded(one.department))]
        return all(any(word in text for text in texts) for word in words)

    found = DirectoryIndex(entries).search(typed, 100)
    assert {one.account_id for one in found} == {one.account_id for one in entries if words and fits(one)}
    assert len(found) == len({one.account_id for one in found})
    # Those whose name begins with what was typed come first, each kind in the order of positions.
    begin = [folded(one.name).startswith(words[0]) for one in found] if words else []
    assert begin == sorted(begin, reverse=True)
    ranks = [one.rank for one, first in zip(found, begin, strict=True) if first]
    assert ranks == sorted(ranks)
