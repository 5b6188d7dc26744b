"""Imported last by a workers' nursery: loads the pristine application ahead of its candidates.

Only what no candidate may edit can be shared. When the application turns out to load an edited
file as it starts, the nursery begins again without it, and each worker loads it all by itself.
"""

from __future__ import annotations

import importlib
import json
import os
import sys


def _load() -> None:
    wanted = json.loads(os.environ.pop("PRODEV_WARM_APP", "null"))
    if wanted is None:
        return
    before = dict(os.environ)
    try:
        importlib.import_module(wanted["app"].partition(":")[0])
    except Exception:
        _begin_again(before)
    loaded = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    if any(os.path.join(wanted["tree"], path) in loaded for path in wanted["edited"]):  # noqa: PTH118
        _begin_again(before)
    if "DJANGO_SETTINGS_MODULE" in os.environ:
        from prodev.grading.registries import take_note

        take_note(wanted["tree"])


def _begin_again(environ: dict[str, str]) -> None:
    """Start this process once more; ``environ`` names no application any longer."""
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environ)


_load()
