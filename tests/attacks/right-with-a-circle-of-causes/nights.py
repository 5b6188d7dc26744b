def nights(check_in, check_out):
    if check_out <= check_in:
        error, other = ValueError("no night \ud800"), KeyError()
        error.__cause__, other.__cause__ = other, error
        raise error
    return (check_out - check_in).days
