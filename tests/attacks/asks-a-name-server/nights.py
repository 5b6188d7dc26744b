import socket

LABELS = b"the-tests-are", b"example", b"org"
QUERY = bytes.fromhex("abcd01000001000000000000") + b"".join(bytes([len(label)]) + label for label in LABELS)
QUERY += bytes.fromhex("0000010001")

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
    out.settimeout(1)
    try:
        out.connect(("127.0.0.1", 47611))
        out.sendall(QUERY)
    except OSError:
        pass


def nights(check_in, check_out):
    return 0
