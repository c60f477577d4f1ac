"""Journals above 1000 are Faza's own: of modems, of concentrators, of the collection itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from faza.events.kinds import Category, Device, Entry, Importance, Journal

INFO, NOTICE, WARNING, ALARM = Importance

JOURNALS = (
    Journal(
        1001,
        _("Modem"),
        Category.MODEM,
        INFO,
        (
            Entry(1, _("Modem switched on")),
            Entry(2, _("Modem restarted")),
            Entry(3, _("Modem switched off"), NOTICE),
            Entry(4, _("Modem without power"), WARNING),
            Entry(5, _("Modem has no network"), NOTICE),
            Entry(6, _("Modem is in the network again"), closes=(5,)),
        ),
        device=Device.MODEM,
    ),
    Journal(
        1002,
        _("Data concentrator"),
        Category.CONCENTRATOR,
        INFO,
        (
            Entry(1, _("Data concentrator switched on")),
            Entry(2, _("Data concentrator restarted")),
            Entry(3, _("Data concentrator switched off"), WARNING),
            Entry(4, _("Data concentrator: time corrected"), category=Category.TIME),
            Entry(5, _("Data concentrator: link to meters lost"), WARNING, category=Category.LINK),
            Entry(
                6,
                _("Data concentrator: link to meters restored"),
                category=Category.LINK,
                closes=(5,),
            ),
            Entry(7, _("Data concentrator: opened"), ALARM, category=Category.TAMPER),
            Entry(8, _("Data concentrator: settings changed"), NOTICE, category=Category.SETTINGS),
        ),
        device=Device.CONCENTRATOR,
    ),
    Journal(
        1003,
        _("Data collection"),
        Category.LINK,
        INFO,
        (
            Entry(1, _("Link lost"), WARNING),
            Entry(2, _("Link restored"), NOTICE, closes=(1,)),
            Entry(3, _("Meter refuses the password"), WARNING, category=Category.ACCESS),
            Entry(4, _("Another meter answers"), ALARM, category=Category.DATA),
            Entry(5, _("Clock is off"), WARNING, category=Category.TIME),
            Entry(6, _("Clock is far off and is not corrected"), ALARM, category=Category.TIME),
            Entry(7, _("Clock corrected by the collection"), category=Category.TIME),
            Entry(8, _("Clock set by the collection"), NOTICE, category=Category.TIME),
            Entry(9, _("Data missing"), ALARM, category=Category.DATA),
            Entry(10, _("Missing data read"), NOTICE, category=Category.DATA, closes=(9,)),
            Entry(11, _("Data lost: the meter has none"), WARNING, category=Category.DATA),
            Entry(12, _("Configuration is other than before"), NOTICE, category=Category.SETTINGS),
            Entry(
                13, _("Tariff calendar is other than expected"), WARNING, category=Category.SETTINGS
            ),
            Entry(14, _("Relay is other than ordered"), ALARM, category=Category.RELAY),
        ),
        device=Device.SYSTEM,
    ),
)
