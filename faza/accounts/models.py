from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        """The user with an address, in whatever case it is typed. Raises User.DoesNotExist."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """Somebody who signs in with an e-mail address.

    The address is kept in small letters, which makes it unique whatever its case.
    """

    class Role(models.TextChoices):
        SUBSCRIBER = "subscriber", _("subscriber")
        SUPPLIER = "supplier", _("energy supplier")
        HOUSE_MANAGER = "house_manager", _("house manager")
        OPERATOR = "operator", _("operator")
        ADMINISTRATOR = "administrator", _("administrator")
        AUDITOR = "auditor", _("auditor")

    email = models.EmailField(max_length=254, unique=True)
    full_name = models.CharField(max_length=300)
    phone = models.CharField(max_length=30, blank=True)
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.SUBSCRIBER)
    language = models.CharField(max_length=8, default="ru")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="user_email_in_small_letters"
            )
        ]

    def __str__(self) -> str:
        return self.full_name or self.email
