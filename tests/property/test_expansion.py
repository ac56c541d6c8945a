"""Expansion of addresses, on any graph of aliases, forwards and lists: it ends, and everybody is reached at most once."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from smartmail.service.flow.addressing.expansion import MAX_DEPTH, Place, TooMany, expand

NAMES = [f"n{number}@a.example" for number in range(12)]
ACCOUNTS = {name: number // 2 for number, name in enumerate(NAMES)}  # two addresses an account


@st.composite
def graphs(draw):
    """Return address → (kind, whom it stands for)."""
    kinds = st.sampled_from(["account", "several", "forward", "nobody"])
    targets = st.lists(st.sampled_from([*NAMES, "out@x.example", "far@y.example"]), max_size=6)
    return {name: (draw(kinds), tuple(draw(targets))) for name in NAMES}


def looking(graph, asked):
    async def look(addresses):
        asked.extend(addresses)
        return [place(graph, address) for address in addresses]

    return look


def place(graph, address):
    if address not in graph:
        return Place("outside", address)
    kind, targets = graph[address]
    if kind == "account":
        return Place("account", address, ACCOUNTS[address])
    if kind == "forward":
        return Place("account", address, ACCOUNTS[address], next=targets)
    return Place(kind, address, next=targets if kind == "several" else ())


def reachable(graph, start):
    """Return everything reached from `start`, by a walk without bounds, and how deep it lies."""
    depth, layer, deepest = {start: 0}, [start], 0
    while layer:
        following = []
        for address in layer:
            kind, targets = graph.get(address, ("outside", ()))
            for target in targets if kind in {"several", "forward"} else ():
                if target not in depth:
                    depth[target] = depth[address] + 1
                    following.append(target)
        layer = following
        deepest += bool(layer)
    return depth, deepest


@given(graphs(), st.sampled_from(NAMES))
def test_it_ends_and_reaches_each_once(graph, start):
    asked: list[str] = []
    try:
        places = asyncio.run(expand([start], looking(graph, asked)))
    except TooMany:
        assert reachable(graph, start)[1] > MAX_DEPTH
        return
    assert len(asked) == len(set(asked)), "no address is looked at twice"
    identities = [one.identity for one in places]
    assert len(identities) == len(set(identities))
    walked, _deepest = reachable(graph, start)
    expected = {
        place(graph, address).identity for address in walked if graph.get(address, ("outside",))[0] != "several"
    }
    assert set(identities) == expected


@given(graphs(), st.sampled_from(NAMES), st.integers(0, 3))
def test_a_bound_on_targets_is_kept(graph, start, most):
    try:
        places = asyncio.run(expand([start], looking(graph, []), most))
    except TooMany:
        return
    assert len(places) <= most


def test_a_chain_that_is_too_long_is_refused():
    graph = {f"c{number}@a.example": ("several", (f"c{number + 1}@a.example",)) for number in range(MAX_DEPTH + 2)}

    async def look(addresses):
        return [
            Place("several", one, next=graph[one][1]) if one in graph else Place("outside", one) for one in addresses
        ]

    try:
        asyncio.run(expand(["c0@a.example"], look))
    except TooMany:
        return
    raise AssertionError("a chain of any length was followed")
