import pytest

from faza.cases.rules import MOVES, OPEN, WAITING, Move, State, WrongMove, after, is_possible


@pytest.mark.parametrize("state", State)
class TestEveryState:
    def test_the_asker_may_always_say_something(self, state):
        assert is_possible(state, Move.SAY)

    def test_a_note_changes_nothing(self, state):
        assert after(state, Move.NOTE) == state

    def test_only_what_waits_can_be_answered(self, state):
        assert is_possible(state, Move.ANSWER) == (state in WAITING)

    def test_the_desk_closes_only_what_it_has_answered(self, state):
        assert is_possible(state, Move.CLOSE) == (state == State.ANSWERED)

    def test_it_is_waiting_again_once_the_asker_says_something(self, state):
        assert after(state, Move.SAY) in WAITING


def test_every_way_out_leads_somewhere():
    assert {state for state, _ in MOVES} == set(State)
    assert {state for state in State if is_possible(state, Move.END)} == OPEN


def test_what_is_not_in_the_table_is_refused():
    with pytest.raises(WrongMove):
        after(State.CLOSED, Move.ANSWER)
