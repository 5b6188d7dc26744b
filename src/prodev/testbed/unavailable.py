"""A service that is not there: never a learner's failure."""

from prodev.errors import Unavailable

__all__ = ["Unavailable"]
