import unittest

from room_board import free_rooms


class RoomBoardTest(unittest.TestCase):
    def test_nothing_is_taken(self):
        self.assertEqual(free_rooms({"ground": [1, 2]}, set()), {"ground": [1, 2]})

    def test_taken_rooms_are_left_out(self):
        self.assertEqual(free_rooms({"ground": [1, 2], "first": [11]}, {2, 11}), {"ground": [1], "first": []})
