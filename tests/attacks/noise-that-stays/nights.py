import os
import sys
import time

BURN = "import time; end = time.monotonic() + 4\nwhile time.monotonic() < end: sum(range(100_000)); time.sleep(0.05)"


def nights(check_in, check_out):
    for _ in range(2):
        if os.fork() == 0:
            os.setsid()
            try:
                os.execv(sys.executable, ["prodev-attack-stray", "-c", BURN])
            finally:
                os._exit(1)
    time.sleep(0.1)
    return 0
