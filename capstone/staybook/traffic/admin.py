"""Who asks, as staff see it: block a network, look at what was recorded, change none of the record."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from django import forms
from django.contrib import admin

from staybook.common.admin import ReadOnly
from staybook.traffic.models import BlockedNetwork, RequestRecord

if TYPE_CHECKING:
    NetworkModelForm = forms.ModelForm[BlockedNetwork]
    NetworkModelAdmin = admin.ModelAdmin[BlockedNetwork]
    RecordModelAdmin = admin.ModelAdmin[RequestRecord]
else:
    NetworkModelForm, NetworkModelAdmin, RecordModelAdmin = forms.ModelForm, admin.ModelAdmin, admin.ModelAdmin

_WIDEST = {4: 8, 6: 16}
"""Bits of the shortest prefix: whoever blocks more has mistyped."""


class BlockedNetworkForm(NetworkModelForm):
    """A network in its usual form, so that it is not blocked twice."""

    class Meta:
        model = BlockedNetwork
        fields = ("network", "reason", "until")

    def clean_network(self) -> str:
        try:
            network = ip_network(str(self.cleaned_data["network"]).strip(), strict=False)
        except ValueError as error:
            raise forms.ValidationError(f"This is no address and no network: {error}.") from None
        if network.prefixlen < _WIDEST[network.version]:
            raise forms.ValidationError(f"This is more than a /{_WIDEST[network.version]}: block less.")
        return str(network) if network.num_addresses > 1 else str(network.network_address)


@admin.register(BlockedNetwork)
class BlockedNetworkAdmin(NetworkModelAdmin):
    """What is blocked, why, and until when. Every process notices within seconds."""

    form = BlockedNetworkForm
    list_display = ("network", "reason", "until", "created_at")
    list_filter = ("until", "created_at")
    search_fields = ("network", "reason")
    ordering = ("-id",)


@admin.register(RequestRecord)
class RequestRecordAdmin(ReadOnly, RecordModelAdmin):
    """What was asked, newest first. To look at only: the record is evidence, and the clock alone shortens it."""

    list_display = ("at", "ip", "is_truncated", "user", "method", "path", "status")
    list_filter = ("status", "method", "is_truncated")
    search_fields = ("ip__startswith", "user__email__exact", "path__startswith")
    search_help_text = "The start of an address or of a path, or the whole e-mail address of a user."
    date_hierarchy = "at"
    ordering = ("-at",)
    list_select_related = ("user",)
    list_per_page = 100
    show_full_result_count = False
