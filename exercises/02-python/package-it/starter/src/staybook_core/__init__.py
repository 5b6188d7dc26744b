"""Stays and their prices."""

# TODO: say what is public.
from src.staybook_core.cli import main
from src.staybook_core.pricing import *
from src.staybook_core.rates import *
from src.staybook_core.stays import *
