def free_rooms(rooms, taken):
    pass
