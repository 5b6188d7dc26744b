def check_digit(code):
    pass


def is_valid(code):
    pass
