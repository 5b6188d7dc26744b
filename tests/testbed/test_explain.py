"""The four parts of a failing message."""

from __future__ import annotations

from prodev.testbed import explain


def test_each_part_stands_on_a_line_of_its_own_in_order() -> None:
    message = explain(did="I sent it.", saw="Two went out.", why="It repeats.", look="Section 3.")

    assert message.splitlines() == ["I sent it.", "Two went out.", "It repeats.", "Section 3."]


def test_white_space_is_collapsed() -> None:
    message = explain(did="  I sent\n      it.  ", saw="b.", why="c.", look="d.")

    assert message.splitlines()[0] == "I sent it."


def test_a_part_without_a_full_stop_gets_one() -> None:
    message = explain(did="I sent it", saw="Really?", why="It said 'no.'", look="See (lesson 3)")

    assert message.splitlines() == ["I sent it.", "Really?", "It said 'no.'", "See (lesson 3)."]


def test_an_empty_part_leaves_no_blank_line() -> None:
    message = explain(did="I sent it.", saw="", why=" ", look="Section 3.")

    assert message.splitlines() == ["I sent it.", "Section 3."]
