OK_FORMAT = True

REFUSES = """>>> from datetime import date
>>> try:
...     nights({check_in}, {check_out})
... except ValueError:
...     print("refused")
refused"""

test = {
    "name": "refuses",
    "points": 1,
    "all_or_nothing": True,
    "suites": [
        {
            "cases": [
                {
                    "code": REFUSES.format(check_in="date(2024, 5, 1)", check_out="date(2024, 5, 1)"),
                    "hidden": True,
                    "locked": False,
                },
                {
                    "code": REFUSES.format(check_in="date(2024, 5, 3)", check_out="date(2024, 5, 1)"),
                    "hidden": True,
                    "locked": False,
                },
            ],
            "scored": True,
            "setup": "",
            "teardown": "",
            "type": "doctest",
        }
    ],
}
