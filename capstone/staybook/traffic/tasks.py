"""What the clock asks of this app (``common.schedule``): addresses are truncated, old rows go.

Each change is a small one, so that none holds many rows for long, and one that was broken off goes on the next time.
"""

from __future__ import annotations

import time
from datetime import timedelta

from staybook.common import clock
from staybook.traffic.addresses import truncated
from staybook.traffic.models import BlockedNetwork, RateBucket, RequestRecord

WHOLE_FOR = timedelta(days=30)
KEPT_FOR = timedelta(days=180)
_BATCH = 1000


def truncate_addresses() -> int:
    """Truncate the addresses of requests older than 30 days; return how many rows were changed."""
    changed = 0
    old = RequestRecord.objects.filter(at__lt=clock.now() - WHOLE_FOR, is_truncated=False)
    while addresses := list(old.values_list("ip", flat=True).distinct()[:_BATCH]):
        for ip in addresses:
            changed += old.filter(ip=ip).update(ip=truncated(ip), is_truncated=True)
    return changed


def forget_requests() -> int:
    """Delete what is known of requests older than 180 days; return how many rows that were."""
    deleted = 0
    old = RequestRecord.objects.filter(at__lt=clock.now() - KEPT_FOR).order_by("at")
    while oldest := list(old.values_list("pk", flat=True)[:_BATCH]):
        deleted += RequestRecord.objects.filter(pk__in=oldest).delete()[0]
    return deleted


def forget_limits_and_blocks() -> int:
    """Delete counters that stand at nothing, and blocks that ended a month ago; return how many rows that were."""
    buckets, _ = RateBucket.objects.filter(arrival__lt=time.time() - 3600).delete()
    blocks, _ = BlockedNetwork.objects.filter(until__lt=clock.now() - WHOLE_FOR).delete()
    return buckets + blocks
