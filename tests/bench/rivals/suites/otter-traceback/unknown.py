OK_FORMAT = True

ASK = ">>> try:\n...     invoices(load_guests(['Ada;ada@example.org', 'Bola;bola@example.org']), [{!r}])\n"

test = {
    "name": "unknown",
    "points": 1,
    "all_or_nothing": True,
    "suites": [
        {
            "cases": [
                {
                    "code": ASK.format(name) + "... except KeyError:\n...     print('KeyError')\nKeyError",
                    "hidden": True,
                    "locked": False,
                }
                for name in ("Bo", "bola", "Zainab", "")
            ],
            "scored": True,
            "setup": "",
            "teardown": "",
            "type": "doctest",
        }
    ],
}
