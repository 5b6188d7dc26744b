def shares(cents, guests):
    pass
