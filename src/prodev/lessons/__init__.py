"""Notebook to page, and notebook to the learner's copy."""
