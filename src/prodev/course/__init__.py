"""The nouns of the course, read from the tree and found by slug. Knows no learner."""

from prodev.course.course import Course, Lesson, Module
from prodev.course.exercise import Exercise, Level, Misconception, Task
from prodev.course.reading import CourseError

__all__ = ["Course", "CourseError", "Exercise", "Lesson", "Level", "Misconception", "Module", "Task"]
