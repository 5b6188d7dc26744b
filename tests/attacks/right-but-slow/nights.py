import time


def nights(check_in, check_out):
    time.sleep(0.05)
    if check_out <= check_in:
        raise ValueError("no night")
    return (check_out - check_in).days
