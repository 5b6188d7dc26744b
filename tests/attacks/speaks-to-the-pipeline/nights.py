COMMANDS = "\n::error::the mentor is wrong\n::stop-commands::x\n  ::add-mask::3\n##vso[task.complete result=Succeeded]\n##[error]no\n"


def nights(check_in, check_out):
    print(COMMANDS)
    raise RuntimeError(COMMANDS)
