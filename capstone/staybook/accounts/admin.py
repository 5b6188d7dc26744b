"""Users, as staff see them: found by address, closed rather than deleted, and never with a password in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.forms import AdminPasswordChangeForm, ReadOnlyPasswordHashField
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from staybook.accounts import services
from staybook.accounts.models import RefreshToken, User
from staybook.common.admin import ReadOnly

if TYPE_CHECKING:
    UserModelForm = forms.ModelForm[User]
    UserModelAdmin = admin.ModelAdmin[User]
    TokenModelAdmin = admin.ModelAdmin[RefreshToken]
else:
    UserModelForm, UserModelAdmin, TokenModelAdmin = forms.ModelForm, admin.ModelAdmin, admin.ModelAdmin

admin.site.site_header = admin.site.site_title = "staybook"
admin.site.index_title = "Staff"


class NewUserForm(UserModelForm):
    """Somebody new, with a password that they will change."""

    password = forms.CharField(widget=forms.PasswordInput, strip=False)

    class Meta:
        model = User
        fields = ("email", "name", "role")

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        validate_password(password, self.instance)
        return password

    def save(self, commit: bool = True) -> User:
        user = super().save(commit=False)
        user.set_password(self.cleaned_data["password"])
        if commit:
            user.save()
        return user


class UserForm(UserModelForm):
    """Somebody who is there. Their hash is shown in part, as Django does."""

    password = ReadOnlyPasswordHashField()

    class Meta:
        model = User
        fields = ("email", "name", "role", "is_active")

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()


@admin.register(User)
class UserAdmin(UserModelAdmin):
    """Search by address, name or public id. Whoever is closed is logged out at once."""

    form = UserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("email", "name", "role", "is_active", "created_at", "last_login")
    list_filter = ("role", "is_active", "created_at")
    search_fields = ("email", "name", "public_id")
    ordering = ("-id",)
    readonly_fields = ("public_id", "created_at", "last_login")
    list_per_page = 50
    show_full_result_count = False
    actions = ("close", "reopen", "log_out")

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = self.add_form
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return ("email", "name", "role", "password")
        return ("email", "name", "role", "is_active", "password", *self.readonly_fields)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody is deleted here: their bookings and payments must stand. Close the account."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            if not obj.is_active:
                services.log_out_everywhere(user=obj)

    @admin.action(description="Close the accounts, and log them out")
    def close(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        with transaction.atomic():
            for user in queryset.exclude(pk=request.user.pk or 0):
                user.is_active = False
                user.save(update_fields=["is_active"])
                services.log_out_everywhere(user=user)
        self.message_user(request, "The accounts are closed; your own is never among them.", messages.SUCCESS)

    @admin.action(description="Open the accounts again")
    def reopen(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        queryset.update(is_active=True)

    @admin.action(description="Log out everywhere")
    def log_out(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            services.log_out_everywhere(user=user)


@admin.register(RefreshToken)
class RefreshTokenAdmin(ReadOnly, TokenModelAdmin):
    """Who is logged in, and since when a family has ended. To look at only; digests are not shown."""

    list_display = ("family", "user", "expires_at", "used_at", "revoked_at")
    list_filter = ("revoked_at", "expires_at")
    search_fields = ("family", "user__email")
    list_select_related = ("user",)
    fields = readonly_fields = ("family", "user", "expires_at", "used_at", "revoked_at")
    ordering = ("-id",)
    show_full_result_count = False
