"""What an export writes; the fixture is the path of an empty folder."""

import staybook


def test_begins_in_an_empty_folder(exports):
    assert list(exports.iterdir()) == []


def test_writes_a_line_for_each_booking(exports):
    path = staybook.export([(1, "Ada", 2), (2, "Bob", 3)], exports)

    assert path.read_text(encoding="utf-8").split() == ["1,Ada,2", "2,Bob,3"]


def test_a_second_export_leaves_the_first_alone(exports):
    first = staybook.export([(1, "Ada", 2)], exports)
    second = staybook.export([(2, "Bob", 3)], exports)

    assert first != second
    assert first.read_text(encoding="utf-8").split() == ["1,Ada,2"]
