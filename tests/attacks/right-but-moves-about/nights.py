import locale
import os
import sys

os.chdir("/")
os.environ.clear()
os.environ["TZ"] = "Pacific/Kiritimati"
os.umask(0o777)
locale.setlocale(locale.LC_ALL, "C")
sys.setrecursionlimit(200)
sys.path.clear()


def nights(check_in, check_out):
    if check_out <= check_in:
        raise ValueError("no night")
    return (check_out - check_in).days
