from eod.lifecycle.provision import NOTHING_DECLARED
from eod.lifecycle.up import up
from eod.model.record import Phase
from tests.lifecycle.test_confirming import FRONTEND, REQUEST, rooms_for


def test_a_module_that_declares_none_of_our_variables_works_and_it_is_said():
    rooms = rooms_for(FRONTEND, lambda _variables: ("dns",))
    rooms.declares = frozenset({"theirs"})
    outcome = up(rooms, REQUEST)
    assert rooms.kept["pr-7"].phase is Phase.READY
    assert [bound["variables"] for bound in rooms.bound] == [{}]
    assert outcome.notices == (NOTHING_DECLARED,)


def test_one_that_declares_any_says_nothing():
    rooms = rooms_for(FRONTEND, lambda _variables: ("dns",))
    rooms.declares = frozenset({"pr_number"})
    assert up(rooms, REQUEST).notices == ()
