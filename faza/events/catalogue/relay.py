"""Journal 2, power supply and load relay. Source: СТО 34.01-5.1-006-2021, table Д.3."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from faza.events.kinds import Category, Entry, Importance, Journal, Warns

INFO, NOTICE, WARNING, ALARM = Importance

JOURNALS = (
    Journal(
        2,
        _("Power supply and load relay"),
        Category.RELAY,
        WARNING,
        (
            Entry(1, _("Power off"), ALARM, category=Category.POWER, warns=Warns.POWER_OFF),
            Entry(
                2,
                _("Power on"),
                INFO,
                category=Category.POWER,
                closes=(1, 29),
                warns=Warns.POWER_ON,
            ),
            Entry(3, _("Consumer switched off from afar"), ALARM),
            Entry(4, _("Consumer switched on from afar"), NOTICE, closes=(3,)),
            Entry(5, _("Permission to switch on given"), NOTICE),
            Entry(6, _("Consumer switched the load relay off"), INFO),
            Entry(7, _("Consumer switched the load relay on"), INFO, closes=(6,)),
            Entry(8, _("Switched off: power limit exceeded"), ALARM),
            Entry(9, _("Switched off: greatest current exceeded"), ALARM),
            Entry(10, _("Switched off: magnetic field"), ALARM),
            Entry(11, _("Switched off: voltage too high"), ALARM),
            Entry(12, _("Switched on: voltage normal again"), INFO, closes=(11,)),
            Entry(13, _("Switched off: current without voltage"), ALARM),
            Entry(14, _("Switched off: currents unbalanced"), ALARM),
            Entry(15, _("Switched off: temperature"), ALARM),
            Entry(16, _("Reserve supply on"), NOTICE, category=Category.POWER),
            Entry(17, _("Reserve supply off"), INFO, category=Category.POWER, closes=(16,)),
            Entry(18, _("Switched off: terminal cover or case opened"), ALARM),
            Entry(19, _("Switched off: energy limit of a tariff exceeded"), ALARM),
            Entry(20, _("Switched on again after the power limit"), INFO, closes=(8,)),
            Entry(21, _("Switched on again after the greatest current"), INFO, closes=(9,)),
            Entry(22, _("Switched on again after unbalanced currents"), INFO, closes=(14,)),
            Entry(23, _("Switched on again: temperature normal"), INFO, closes=(15,)),
            Entry(24, _("Switched on again: no magnetic field"), INFO, closes=(10,)),
            Entry(25, _("Relay switched off by the arbitrator")),
            Entry(26, _("Relay switched on by the arbitrator"), INFO, closes=(25,)),
            Entry(27, _("Relay switched on by the blocker"), INFO, closes=(28,)),
            Entry(28, _("Relay switched off by the blocker")),
            Entry(29, _("All power lost"), ALARM, category=Category.POWER, warns=Warns.POWER_OFF),
        ),
    ),
)
