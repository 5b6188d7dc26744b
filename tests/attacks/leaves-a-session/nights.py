import os
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv("/bin/sleep", ["prodev-attack-stray", "5"])
    os._exit(0)
time.sleep(0.1)


def nights(check_in, check_out):
    return 0
