OK_FORMAT = True

LINES = ["{};{}", "{} ;{}", " {};{}", "{}; {}", "  {}  ;  {}  "]

test = {
    "name": "everyone",
    "points": 1,
    "all_or_nothing": True,
    "suites": [
        {
            "cases": [
                {
                    "code": f">>> invoices(load_guests([{line.format('Ada', 'ada7@example.org')!r}]), ['Ada'])\n"
                    "['To: ada7@example.org']",
                    "hidden": True,
                    "locked": False,
                }
                for line in LINES
            ],
            "scored": True,
            "setup": "",
            "teardown": "",
            "type": "doctest",
        }
    ],
}
