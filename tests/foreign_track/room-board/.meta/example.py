def free_rooms(rooms, taken):
    return {floor: [room for room in numbers if room not in taken] for floor, numbers in rooms.items()}
