import itertools

from hypothesis import given
from hypothesis import strategies as st

from eod.forecast.critical_path import critical_path, finishes, leading_to
from eod.model.forecast import Node


@st.composite
def graphs(draw):
    size = draw(st.integers(1, 8))
    seconds = draw(st.lists(st.integers(0, 50), min_size=size, max_size=size))
    nodes = [
        Node(name=str(at), after=tuple(before for before in range(at) if draw(st.booleans())))
        for at in range(size)
    ]
    return nodes, seconds


def ways_to(graph, at):
    """Every way that ends at a node, by brute force."""
    yield [at]
    for before in graph[at].after:
        for way in ways_to(graph, before):
            yield [*way, at]


@given(graphs())
def test_the_critical_path_is_the_longest_of_all_ways(drawn):
    graph, seconds = drawn
    ends = finishes(graph, seconds)
    longest = max(sum(seconds[at] for at in way) for target in range(len(graph)) for way in ways_to(graph, target))
    path = critical_path(graph, ends, range(len(graph)))
    assert max(ends) == sum(seconds[at] for at in path) == longest
    assert all(before in graph[after].after for before, after in itertools.pairwise(path))


@given(graphs())
def test_what_leads_to_a_node_is_every_node_on_a_way_to_it(drawn):
    graph, _ = drawn
    for target in range(len(graph)):
        assert leading_to(graph, [target]) == {at for way in ways_to(graph, target) for at in way}


def test_no_target_has_no_path():
    assert critical_path([], [], []) == []
    assert leading_to([Node(name="a")], []) == set()
