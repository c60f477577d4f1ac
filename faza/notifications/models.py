"""What people were told on the page, what they want to be told, and news.

A notice is one person's; who may read it is asked each time it is shown (`queries`), for a person
may have lost the point since.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from faza.accounts.models import User
from faza.contracts.models import Token
from faza.events.kinds import Category
from faza.metering.models import NetworkNode, UsagePoint


class Topic(models.TextChoices):
    """What notices are about; each has a way of telling of its own."""

    WARNINGS = "warnings", _("warnings of the meter")
    OUTAGES = "outages", _("power cuts")
    VERIFICATION = "verification", _("verification of meters")
    THRESHOLD = "threshold", _("consumption above a limit")
    EVENTS = "events", _("other events")
    ORDERS = "orders", _("limiting and switching on")
    CASES = "cases", _("answers to questions")
    NEWS = "news", pgettext_lazy("topic", "news")
    REPORTS = "reports", pgettext_lazy("topic", "reports")
    ENTRY = "entry", _("typed readings")
    SECURITY = "security", _("signing in and devices")


class Way(models.TextChoices):
    """How somebody is told; the page has everything whatever the way."""

    MAIL = "mail", _("by e-mail at once")
    DIGEST = "digest", _("by e-mail once a day")
    PAGE = "page", _("here only")


class Notice(models.Model):
    """What a user was told of on the page, once for a key.

    `happened_at` is when it happened at the point, by which it is clipped to the windows; without
    a point it is not of one. `payload` holds codes, numbers and names of places, which `words`
    tells in the reader's language; moments in it are unix seconds. `message` is the number of the
    outbox's message that it came from.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="notices")
    key = models.CharField(max_length=240)
    kind = models.CharField(max_length=60)
    topic = models.CharField(max_length=20, choices=Topic.choices)
    usage_point = models.ForeignKey(
        UsagePoint, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    happened_at = models.DateTimeField()
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    payload = models.JSONField(default=dict)
    message = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="notice_once"),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="notice_newest"),
            models.Index(fields=["user"], condition=Q(read_at__isnull=True), name="notice_unread"),
            models.Index(fields=["created_at"], name="notice_age"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.kind} {self.key}"


class Subscription(models.Model):
    """What a user wants to be told of, and how; without a row the topic's default holds.

    topic EVENTS: of one `category`. THRESHOLD: when a day takes more than `limit` Wh at
    `usage_point`, or at any of the own points where that is null; days before `made_at` are not
    looked at.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="subscriptions")
    topic = models.CharField(max_length=20, choices=Topic.choices)
    category = models.CharField(max_length=20, choices=Category.choices, blank=True)
    usage_point = models.ForeignKey(UsagePoint, models.PROTECT, null=True, related_name="+")
    limit = models.BigIntegerField(null=True)
    way = models.CharField(max_length=10, choices=Way.choices)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "topic", "category"],
                condition=Q(limit__isnull=True),
                name="subscription_once",
            ),
            models.CheckConstraint(
                condition=Q(topic="threshold", limit__gt=0, category="")
                | Q(limit__isnull=True, usage_point__isnull=True),
                name="subscription_limit_of_threshold",
            ),
            models.CheckConstraint(
                condition=Q(topic="events") ^ Q(category=""),
                name="subscription_category_of_events",
            ),
        ]
        indexes = [models.Index(fields=["topic", "user"], name="subscription_of_topic")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.topic} {self.category} {self.way}"


class PushAddress(models.Model):
    """Where a device is told that there is something to read, and with which keys.

    `endpoint`, `key` (p256dh) and `secret` (auth) are the browser's. `told` is the newest notice
    that was pushed or need not be. `due_at` is when to try again after `failures` in a row; while
    `leased_until` lies ahead a worker is at it.
    """

    token = models.OneToOneField(Token, models.CASCADE, related_name="push_address")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    endpoint = models.CharField(max_length=1000, unique=True)
    key = models.CharField(max_length=100)
    secret = models.CharField(max_length=40)
    made_at = models.DateTimeField()
    told = models.BigIntegerField(default=0)
    due_at = models.DateTimeField()
    failures = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="push_due")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.token_id}"


class News(models.Model):
    """Something that the network company writes to its readers.

    Shown from `published_at` until `withdrawn_at`, and not after the day `shown_until`. It is for
    a `group` of readers, at the places `nodes` and `points`; without places everywhere. Once
    published its words and readers never change. `is_important`: by e-mail to all at once;
    `spread_to`: the last user whom the job has come to, `spread_at`: when it was through.
    """

    class Group(models.TextChoices):
        ALL = "all", pgettext_lazy("readers", "all")
        PEOPLE = "people", _("private people")
        ORGANISATIONS = "organisations", _("organisations and entrepreneurs")
        MANAGERS = "managers", _("house managers")
        SUPPLIERS = "suppliers", _("energy suppliers")

    title = models.CharField(max_length=200)
    body = models.TextField()
    group = models.CharField(max_length=20, choices=Group.choices, default=Group.ALL)
    nodes = models.ManyToManyField(NetworkNode, related_name="+", blank=True)
    points = models.ManyToManyField(UsagePoint, related_name="+", blank=True)
    is_important = models.BooleanField(default=False)
    shown_until = models.DateField(null=True, blank=True)
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    written_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    spread_to = models.BigIntegerField(default=0)
    spread_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True)
                | Q(published_at__isnull=False, withdrawn_at__gte=models.F("published_at")),
                name="news_withdrawn_after_published",
            ),
        ]
        indexes = [models.Index(fields=["-published_at"], name="news_newest")]

    def __str__(self) -> str:
        return self.title

    @property
    def state(self) -> str:
        """draft, published or withdrawn."""
        if self.published_at is None:
            return "draft"
        return "published" if self.withdrawn_at is None else "withdrawn"


class NewsRead(models.Model):
    """That somebody has read a piece of news."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    news = models.ForeignKey(News, models.CASCADE, related_name="reads")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "news"], name="news_read_once")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.news_id}"
