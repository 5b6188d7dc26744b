"""The ProDev Backend Engineering Program: the course, its grader and its command line."""
