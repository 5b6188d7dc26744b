def check_digit(code):
    digits = [int(letter, 36) for letter in code]
    return sum(place * digit for place, digit in enumerate(digits, start=1)) % 10


def is_valid(code):
    return len(code) > 1 and code[-1] == str(check_digit(code[:-1]))
