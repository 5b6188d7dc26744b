"""Keep the rivals' suites out of our own test run: each is for its rival alone."""

collect_ignore = ["suites"]
