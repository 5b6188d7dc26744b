"""Keep the hostile files out of our own test run: some of them are a conftest.py or look like tests."""

collect_ignore_glob = ["*"]
