"""What client.py promises, as tests that reach no gateway."""

from decimal import Decimal
from unittest import mock

import pytest

from client import Declined, GatewayDown, charge
from transport import Response

# TODO: write your tests here, as functions whose names begin with test_.
