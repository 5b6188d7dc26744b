"""How gunicorn serves staybook: read when it starts in this folder; what its command line says goes first.

Two processes count their requests each for itself. Both write into one folder, and whichever is asked for ``/metrics``
adds up what is in it: PROMETHEUS_MULTIPROC_DIR names it, or it is made for the time that gunicorn runs.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

_COUNTS = "PROMETHEUS_MULTIPROC_DIR"
_memory = Path("/dev/shm")

wsgi_app = "staybook.config.wsgi"
bind = "127.0.0.1:8000"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
limit_request_line = 8190
graceful_timeout = 20
worker_tmp_dir = str(_memory) if _memory.is_dir() else None  # a disk that is slow looks like a worker that hangs
control_socket_disable = True
logconfig_dict = {
    "formatters": {"json": {"()": "staybook.common.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"]},
    "loggers": {"gunicorn.error": {"handlers": ["stderr"], "propagate": False}},
}


def on_starting(server: Any) -> None:
    """Give the workers their folder, without the counts of those before."""
    if _COUNTS not in os.environ:
        os.environ[_COUNTS] = server.staybook_counts = tempfile.mkdtemp(prefix="staybook-counts-")
    folder = Path(os.environ[_COUNTS])
    folder.mkdir(parents=True, exist_ok=True)
    for counts in folder.glob("*.db"):
        counts.unlink()


def on_exit(server: Any) -> None:
    """Take away the folder that was made."""
    if made := getattr(server, "staybook_counts", None):
        shutil.rmtree(made, ignore_errors=True)
