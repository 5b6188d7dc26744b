"""The ProDev Backend Engineering Program: the course, its grader and its command line."""

__version__ = "0.1.0"
