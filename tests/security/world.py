"""A world in which every word that somebody may have written is the same bad one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone

from faza.accounts import services as accounts
from faza.accounts.models import LegalText
from faza.audit import services as audit
from faza.contracts.models import Application, CustomerAgreement
from faza.contracts.services import applications
from faza.desk import services as desk
from faza.metering.fields import KeyField
from faza.metering.models import NetworkNode, UsagePoint
from tests.cabinet.factories import give_tariff
from tests.doors.world import World, make_world

# Words that nobody types: the system makes them, or a list or a check allows no others.
MADE = {
    "accounts.LegalText.body": "filled here: what is published never changes",
    "accounts.LegalText.title": "filled here too",
    "accounts.OrganisationCard.logo_type": "a kind of picture",
    "accounts.SignIn.browser": "a name that ua-parser knows",
    "accounts.SignIn.method": "a name of ours",
    "accounts.Retention.kind": "a code of ours",
    "accounts.User.language": "one of two",
    "accounts.User.password": "a hash",
    "cases.Case.shown": "numbers",
    "collection.CollectionPlan.zone": "one of the zones that there are",
    "collection.ExchangeProfile.zone": "one of the zones that there are",
    "collection.GridImport.columns": "codes of ours",
    "collection.GridImport.counts": "numbers",
    "collection.GridImport.decisions": "codes of ours",
    "collection.GridImport.fingerprint": "a hash",
    "collection.GridImport.groups": "codes of ours",
    "collection.GridImport.kept_as": "a name of ours",
    "collection.GridImport.made": "numbers of rows",
    "collection.GridImport.sha256": "a hash",
    "collection.GridImportRow.marks": "codes of ours",
    "collection.ImportFile.content_hash": "a hash",
    "collection.ImportFile.format": "a code of ours",
    "collection.TimezoneCode.zone": "one of the zones that there are",
    "contracts.Application.added": "numbers of rows",
    "contracts.PersonalRight.right": "a code of ours",
    "manual_entry.Entry.accepted": "numbers",
    "manual_entry.Entry.doubts": "codes of ours",
    "manual_entry.Entry.shown": "numbers",
    "manual_entry.EntryFile.sha256": "a hash",
    "manual_entry.EntryRule.registers": "numbers",
    "manual_entry.Photo.digest": "a hash",
    "manual_entry.Photo.name": "a name of ours",
    "contracts.Token.digest": "a hash",
    "contracts.Token.hint": "letters of ours",
    "contracts.Token.scopes": "codes of ours",
    "contracts.TokenUse.operation": "a code of ours",
    "metering.BalanceLoss.percents": "numbers",
    "desk.KeptFilter.listing": "a code of ours",
    "jobs.Job.arguments": "numbers of rows",
    "jobs.Job.key": "a code of ours",
    "jobs.Job.kind": "a code of ours",
    "jobs.Job.result": "numbers",
    "metering.NetworkNode.path": "numbers of rows",
    "metering.UsagePoint.zone": "one of the zones that there are",
    "notifications.Notice.key": "a code of ours",
    "outbox.Message.key": "a code of ours",
    "outbox.Message.kind": "a code of ours",
    "outbox.Message.language": "one of two",
    "tariffs.HourlyPrice.amounts": "numbers",
    "tariffs.Market.zone": "one of the zones that there are",
    "tariffs.PeakHour.hours": "a check allows hours only",
    "tariffs.PriceImport.sha256": "a hash",
    "tariffs.PriceImport.told": "numbers",
    "tariffs.Tariff.zone_of_hours": "one of the zones that there are",
    "tariffs.TariffZone.hours": "a check allows hours only",
    "tariffs.TariffZone.off_hours": "a check allows hours only",
}
# The trail is filled by `poisoned`: the database refuses changes of it.
ROOMS = (
    *("accounts", "contracts", "metering", "desk", "tariffs", "collection", "cases", "jobs"),
    *("outbox", "notifications", "manual_entry"),
)


@dataclass(frozen=True)
class Word:
    """A bad word, for fields of all lengths; `link` is for fields that hold an address."""

    long: str
    short: str
    link: str = "javascript:f()"

    def fitting(self, field: models.Field[Any, Any], row: int) -> str | None:
        """The word that a field can hold; with the row's number where it has to be unique."""
        if isinstance(field, models.URLField):
            return self.link
        longest = getattr(field, "max_length", None) or 1_000
        tail = str(row) if field.unique or is_unique_with_others(field) else ""
        fits = [word + tail for word in (self.long, self.short) if len(word + tail) <= longest]
        return fits[0] if fits else None


def poisoned(word: Word) -> World:
    """The world of the doors with a word in every field, and in a deed of the trail."""
    world = make_world()
    _complete(world, word)
    codes = {
        (model, row.code): row
        for model in (UsagePoint, NetworkNode)
        for row in model._default_manager.all()
    }
    for room in ROOMS:
        for model in apps.get_app_config(room).get_models():
            _poison(model, word)
    names = dict(world.names)
    for (model, code), row in codes.items():
        row.refresh_from_db()
        wanted = "place" if model is NetworkNode else ""
        for name, told in names.items():
            if told == code and bool(wanted) == name.endswith("place"):
                names[name] = row.code
    return replace(world, names=names)


def _complete(world: World, word: Word) -> None:
    """What the doors do without: texts in force, a card, a tariff, kept filters, talks, a deed."""
    now, people = timezone.now(), world.people
    for kind in LegalText.Kind:
        accounts.draft_text(kind=kind, title=word.long, body=word.long, at=now)
        accounts.publish_text(kind=kind, at=now)
    accounts.set_card(name="Сети", address="Адрес", site="https://example.org", at=now)
    give_tariff(CustomerAgreement.objects.get(pk=world.names["agreement"]))
    for user in filter(None, people.values()):
        accounts.accept(user=user, texts=LegalText.objects.exclude(published_at=None), at=now,
                        address=None)  # fmt: skip
        for listing in ("points", "customers", "audit"):
            desk.keep_filter(user=user, listing=listing, name="Мой", query="q=1")
    applicant, administrator = people["unverified"], people["administrator"]
    assert applicant is not None
    assert administrator is not None
    own = Application.objects.get(user=applicant)
    applications.write(application=own, text="Слова.", by=applicant, at=now)
    applications.ask(application=own, text="Слова.", by=administrator, at=now)
    audit.note(
        "accounts.profile.changed",
        of=administrator,
        by=administrator,
        at=now,
        before={"full_name": word.long, "reason": word.long},
        after={"full_name": f"{word.long}2", "reason": f"{word.long}2"},
    )


def _poison(model: type[models.Model], word: Word) -> None:
    for field in words_of(model):
        for row in model._default_manager.all():
            bad = word.fitting(field, row.pk)
            if bad is None:
                continue
            value: object = bad
            if isinstance(field, models.JSONField):
                value = _filled(getattr(row, field.name), word.long)
            model._default_manager.filter(pk=row.pk).update(**{field.name: value})


def words_of(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """Fields of a model whose words somebody types."""
    texts = (models.CharField, models.TextField, models.JSONField)
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, texts)
        and not isinstance(field, KeyField)
        and not field.choices
        and f"{model._meta.label}.{field.name}" not in MADE
    ]


def is_unique_with_others(field: models.Field[Any, Any]) -> bool:
    told = [one.fields for one in field.model._meta.constraints
            if isinstance(one, models.UniqueConstraint)]  # fmt: skip
    return any(field.name in fields for fields in told)


def _filled(value: object, word: str) -> object:
    """A JSON value with the word in place of every text in it."""
    match value:
        case dict():
            return {key: _filled(one, word) for key, one in value.items()}
        case list():
            return [_filled(one, word) for one in value]
        case str():
            return word
    return value


__all__ = ["MADE", "ROOMS", "Word", "poisoned", "words_of"]
