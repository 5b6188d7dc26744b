def shares(cents, guests):
    if guests < 1:
        raise ValueError("nobody pays")
    least, left = divmod(cents, guests)
    return [least + (place < left) for place in range(guests)]
