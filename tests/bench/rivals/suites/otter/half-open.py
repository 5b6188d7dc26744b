OK_FORMAT = True

test = {
    "name": "half-open",
    "points": 2,
    "all_or_nothing": True,
    "suites": [
        {
            "cases": [
                {
                    "code": ">>> from datetime import date\n>>> nights(date(2024, 5, 1), date(2024, 5, 2))\n1",
                    "hidden": True,
                    "locked": False,
                },
                {
                    "code": ">>> from datetime import date\n>>> nights(date(2024, 5, 30), date(2024, 6, 2))\n3",
                    "hidden": True,
                    "locked": False,
                },
                {
                    "code": ">>> from datetime import date\n>>> nights(date(2024, 2, 28), date(2024, 3, 1))\n2",
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
