"""What schemathesis cannot guess: which listings there are. Loaded by it, named in SCHEMATHESIS_HOOKS.

Half of the bodies that name a listing, and half of the paths, get one that exists; the rest stay as they were made.
"""

from __future__ import annotations

import os
import random
from typing import Any

import schemathesis

KNOWN = os.environ.get("STAYBOOK_KNOWN", "").split()
DICE = random.Random(7)


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    if KNOWN and isinstance(body, dict) and "property" in body and DICE.random() < 0.5:
        return body | {"property": DICE.choice(KNOWN)}
    return body


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: Any) -> Any:
    if KNOWN and isinstance(path_parameters, dict) and "property_id" in path_parameters and DICE.random() < 0.5:
        return path_parameters | {"property_id": DICE.choice(KNOWN)}
    return path_parameters
