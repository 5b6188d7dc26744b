def nights(check_in, check_out):
    return "x" * 7_000_000
