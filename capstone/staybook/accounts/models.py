"""Who uses staybook, and the refresh tokens that keep them logged in."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from staybook.common.ids import uuid7


class Role(models.TextChoices):
    """What somebody is here for; a new account is a guest's."""

    GUEST = "guest"
    HOST = "host"
    ADMIN = "admin"


class UserManager(BaseUserManager["User"]):
    """Makes users, whose addresses are kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, role=Role.ADMIN, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody with an account."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=80)
    role = models.CharField(max_length=5, choices=Role, default=Role.GUEST)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["email"], name="user_email_once", violation_error_message="This address has an account."
            ),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_known"),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_staff(self) -> bool:
        """Whether the admin is open to them."""
        return self.role == Role.ADMIN


class RefreshToken(models.Model):
    """One use of a login. A token that is shown twice was stolen: its whole family ends.

    Only the digest is kept: whoever reads the table can log in as nobody.
    """

    family = models.UUIDField(default=uuid.uuid4)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="refresh_tokens")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["family"], name="refresh_token_family"),
            models.Index(fields=["expires_at"], name="refresh_token_age"),
        ]

    def __str__(self) -> str:
        return f"{self.family}"
