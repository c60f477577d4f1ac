"""Journal 1, current. Source: СТО 34.01-5.1-006-2021, table Д.2."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from faza.events.kinds import Category, Entry, Importance, Journal

INFO, NOTICE, WARNING, ALARM = Importance

JOURNALS = (
    Journal(
        1,
        _("Current"),
        Category.CURRENT,
        WARNING,
        (
            Entry(1, _("Phase A: energy flows back"), NOTICE),
            Entry(2, _("Phase A: energy flows back no longer"), INFO, closes=(1,)),
            Entry(3, _("Phase B: energy flows back"), NOTICE),
            Entry(4, _("Phase B: energy flows back no longer"), INFO, closes=(3,)),
            Entry(5, _("Phase C: energy flows back"), NOTICE),
            Entry(6, _("Phase C: energy flows back no longer"), INFO, closes=(5,)),
            Entry(7, _("Phase A: current transformer broken"), ALARM),
            Entry(8, _("Phase A: current transformer in order again"), INFO, closes=(7,)),
            Entry(9, _("Phase B: current transformer broken"), ALARM),
            Entry(10, _("Phase B: current transformer in order again"), INFO, closes=(9,)),
            Entry(11, _("Phase C: current transformer broken"), ALARM),
            Entry(12, _("Phase C: current transformer in order again"), INFO, closes=(11,)),
            Entry(13, _("Currents unbalanced")),
            Entry(14, _("Currents balanced again"), INFO, closes=(13,)),
            Entry(15, _("Current transformer shorted"), ALARM),
            Entry(16, _("Current transformer no longer shorted"), INFO, closes=(15,)),
            Entry(17, _("Current too high in some phase")),
            Entry(18, _("Current no longer too high"), INFO, closes=(17,)),
            Entry(19, _("Phase A: current without voltage"), ALARM),
            Entry(20, _("Phase A: no more current without voltage"), INFO, closes=(19,)),
            Entry(21, _("Phase B: current without voltage"), ALARM),
            Entry(22, _("Phase B: no more current without voltage"), INFO, closes=(21,)),
            Entry(23, _("Phase C: current without voltage"), ALARM),
            Entry(24, _("Phase C: no more current without voltage"), INFO, closes=(23,)),
            Entry(25, _("Phase A: greatest current exceeded")),
            Entry(26, _("Phase A: below the greatest current again"), INFO, closes=(25,)),
            Entry(27, _("Phase B: greatest current exceeded")),
            Entry(28, _("Phase B: below the greatest current again"), INFO, closes=(27,)),
            Entry(29, _("Phase C: greatest current exceeded")),
            Entry(30, _("Phase C: below the greatest current again"), INFO, closes=(29,)),
            Entry(31, _("Neutral broken: current without voltage"), ALARM),
            Entry(32, _("Neutral in order again"), INFO, closes=(31,)),
            Entry(33, _("Power flows back through a one-way meter")),
            Entry(34, _("Power no longer flows back"), INFO, closes=(33,)),
            Entry(35, _("Phases carry power in opposite directions")),
            Entry(36, _("Phases carry power in one direction again"), INFO, closes=(35,)),
            Entry(37, _("Current flows though the load relay is off"), ALARM),
            Entry(38, _("No more current with the load relay off"), INFO, closes=(37,)),
        ),
    ),
)
