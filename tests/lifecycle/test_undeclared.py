from eod.lifecycle.provision import NOTHING_DECLARED
from eod.lifecycle.up import up
from eod.model.record import Phase
from tests.lifecycle.builders import pull
from tests.lifecycle.inmemory import WITH_TERRAFORM, in_memory_rooms
from tests.lifecycle.test_confirming import REQUEST


def test_a_module_that_declares_none_of_our_variables_works_and_it_is_said():
    rooms = in_memory_rooms(WITH_TERRAFORM, pulls=[pull()])
    rooms.declares = frozenset({"theirs"})
    outcome = up(rooms, REQUEST)
    assert rooms.kept["pr-7"].phase is Phase.READY
    assert all(bound["variables"] == {} for bound in rooms.bound)
    assert outcome.notices == (NOTHING_DECLARED,)


def test_one_that_declares_any_says_nothing():
    rooms = in_memory_rooms(WITH_TERRAFORM, pulls=[pull()])
    rooms.declares = frozenset({"pr_number"})
    assert up(rooms, REQUEST).notices == ()
