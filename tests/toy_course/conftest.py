"""Keep the toy course's suites out of our own test run: only a grader runs them."""

collect_ignore = ["exercises", "solutions"]
