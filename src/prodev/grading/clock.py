"""How long a candidate may take."""

FLOOR_S = 2.0
"""Seconds that any request may take, however quick the reference is."""

PROGRAM_FLOORS = 5
"""A program that is run, and waits for others, may take this many floors."""

PATIENCE = 5.0
"""A request slower than the floor may take this many times what the reference takes here and now."""

START_S = 60.0
"""Seconds that this machine may take to start a process, before we call that its fault and not the candidate's."""
