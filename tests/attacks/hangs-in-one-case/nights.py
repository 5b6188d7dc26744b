def nights(check_in, check_out):
    while check_out <= check_in:
        pass
    return (check_out - check_in).days
