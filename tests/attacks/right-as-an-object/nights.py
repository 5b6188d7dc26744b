class Nights:
    def __call__(self, check_in, check_out):
        if check_out <= check_in:
            raise ValueError("no night")
        return (check_out - check_in).days


nights = Nights()
