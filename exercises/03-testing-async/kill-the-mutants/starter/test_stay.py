"""What stay.py promises, as tests."""

from datetime import date
from decimal import Decimal

import pytest

from stay import nights, quote

# TODO: write your tests here, as functions whose names begin with test_.
