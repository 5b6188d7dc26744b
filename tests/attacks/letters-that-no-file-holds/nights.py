import os

LETTERS = "a\0b\x0bc\ud800d\u202ee\ufffef\uffff"


def nights(check_in, check_out):
    os.write(1, b"\xff\xfe\x00\x0b" + "\u202e".encode())
    print(LETTERS)
    raise RuntimeError(LETTERS)
