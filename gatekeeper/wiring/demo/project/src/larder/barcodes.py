"""Barcodes with thirteen digits; the last one checks the others."""


def check_digit(digits):
    """Return the last digit that belongs to the first twelve."""
    if len(digits) != 12:
        raise ValueError(f"{len(digits)} digits instead of 12")
    total = 0
    for place, digit in enumerate(digits):
        total += int(digit) * (3 if place % 2 else 1)
    return str(-total % 10)


def valid(code):
    """Whether the code's last digit is right."""
    return len(code) == 13 and code.isdigit() and check_digit(code[:12]) == code[12]


def following(code):
    """Return the next valid code."""
    number = int(code[:12]) + 1
    if number >= 10**12:
        raise ValueError("there is no next one")
    digits = str(number).zfill(12)
    return digits + check_digit(digits)


def series(code, length):
    """Return that many valid codes, from `code` on."""
    if not valid(code):
        raise ValueError(f"not valid: {code}")
    codes = []
    while len(codes) < length:
        codes.append(code)
        code = following(code)
    return codes
