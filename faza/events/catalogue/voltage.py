"""Journal 0, voltage. Source: СТО 34.01-5.1-006-2021, table Д.1."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from faza.events.kinds import Category, Entry, Importance, Journal

INFO, NOTICE, WARNING, ALARM = Importance

JOURNALS = (
    Journal(
        0,
        _("Voltage"),
        Category.VOLTAGE,
        WARNING,
        (
            Entry(1, _("Phase A: voltage lost"), ALARM),
            Entry(2, _("Phase A: voltage restored"), INFO, closes=(1,)),
            Entry(3, _("Phase B: voltage lost"), ALARM),
            Entry(4, _("Phase B: voltage restored"), INFO, closes=(3,)),
            Entry(5, _("Phase C: voltage lost"), ALARM),
            Entry(6, _("Phase C: voltage restored"), INFO, closes=(5,)),
            Entry(7, _("Voltage too high in some phase")),
            Entry(8, _("Voltage no longer too high"), INFO, closes=(7,)),
            Entry(9, _("Voltage too low in some phase")),
            Entry(10, _("Voltage no longer too low"), INFO, closes=(9,)),
            Entry(11, _("Voltages unbalanced (negative sequence)")),
            Entry(12, _("Voltages balanced again"), INFO, closes=(11,)),
            Entry(13, _("Phase A: overvoltage")),
            Entry(14, _("Phase A: overvoltage over"), INFO, closes=(13,)),
            Entry(15, _("Phase B: overvoltage")),
            Entry(16, _("Phase B: overvoltage over"), INFO, closes=(15,)),
            Entry(17, _("Phase C: overvoltage")),
            Entry(18, _("Phase C: overvoltage over"), INFO, closes=(17,)),
            Entry(19, _("Phase A: voltage dip")),
            Entry(20, _("Phase A: voltage dip over"), INFO, closes=(19,)),
            Entry(21, _("Phase B: voltage dip")),
            Entry(22, _("Phase B: voltage dip over"), INFO, closes=(21,)),
            Entry(23, _("Phase C: voltage dip")),
            Entry(24, _("Phase C: voltage dip over"), INFO, closes=(23,)),
            Entry(25, _("Wrong order of phases")),
            Entry(26, _("Order of phases right again"), INFO, closes=(25,)),
            Entry(27, _("Voltage interrupted in all phases"), ALARM),
            Entry(28, _("Voltage back after an interruption"), INFO, closes=(27,)),
        ),
    ),
)
