async def nights(check_in, check_out):
    if check_out <= check_in:
        raise ValueError("no night")
    return (check_out - check_in).days
