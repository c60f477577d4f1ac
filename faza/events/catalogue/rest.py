"""Journals 4 to 28. Source: СТО 34.01-5.1-006-2021, tables Д.5 to Д.9, bits of 0.0.96.5.4."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from faza.events.kinds import Category, Entry, Importance, Journal, Warns

INFO, NOTICE, WARNING, ALARM = Importance

JOURNALS = (
    Journal(
        4,
        _("External influence"),
        Category.TAMPER,
        ALARM,
        (
            Entry(1, _("Magnetic field"), warns=Warns.MAGNET, doubts=True),
            Entry(2, _("Magnetic field gone"), NOTICE, closes=(1,), warns=Warns.MAGNET),
            Entry(3, _("Terminal cover opened"), warns=Warns.SEAL, doubts=True),
            Entry(4, _("Case opened"), warns=Warns.SEAL, doubts=True),
            Entry(5, _("Seal of an external sensor broken"), warns=Warns.SEAL, doubts=True),
            Entry(6, _("Radio-frequency field"), warns=Warns.MAGNET, doubts=True),
            Entry(7, _("Radio-frequency field gone"), NOTICE, closes=(6,), warns=Warns.MAGNET),
        ),
    ),
    Journal(
        5,
        _("Communication"),
        Category.LINK,
        INFO,
        (
            Entry(1, _("Connection ended")),
            Entry(2, _("Connection made")),
        ),
    ),
    Journal(
        6,
        _("Access control"),
        Category.ACCESS,
        WARNING,
        (
            Entry(1, _("Unauthorised attempt of access")),
            Entry(2, _("Protocol violated")),
            Entry(3, _("Locked after wrong passwords")),
            Entry(4, _("Firmware not verified"), ALARM),
        ),
    ),
    Journal(
        7,
        _("Self-diagnosis"),
        Category.DIAGNOSTICS,
        INFO,
        (
            Entry(1, _("Meter restarted"), NOTICE, warns=Warns.REBOOT),
            Entry(2, _("Measuring unit: failure"), ALARM, warns=Warns.FAILURE, doubts=True),
            Entry(3, _("Measuring unit: in order"), closes=(2,)),
            Entry(4, _("Processor: failure"), ALARM, warns=Warns.FAILURE, doubts=True),
            Entry(5, _("Clock: failure"), ALARM, warns=Warns.FAILURE, doubts=True),
            Entry(6, _("Clock: in order"), closes=(5,)),
            Entry(7, _("Power unit: failure"), ALARM, warns=Warns.FAILURE),
            Entry(8, _("Power unit: in order"), closes=(7,)),
            Entry(9, _("Display: failure"), WARNING, warns=Warns.FAILURE),
            Entry(10, _("Display: in order"), closes=(9,)),
            Entry(11, _("Memory: failure"), ALARM, warns=Warns.FAILURE, doubts=True),
            Entry(12, _("Memory: in order"), closes=(11,)),
            Entry(13, _("Program memory: failure"), ALARM, warns=Warns.FAILURE, doubts=True),
            Entry(14, _("Program memory: in order"), closes=(13,)),
            Entry(15, _("Core clocking: failure"), ALARM, warns=Warns.FAILURE, doubts=True),
            Entry(16, _("Core clocking: in order"), closes=(15,)),
            Entry(17, _("Clock clocking: failure"), ALARM, warns=Warns.FAILURE, doubts=True),
            Entry(18, _("Clock clocking: in order"), closes=(17,)),
            Entry(19, _("Processor: in order"), closes=(4,)),
        ),
    ),
    Journal(
        8,
        _("Tangent \u03c6"),
        Category.REACTIVE,
        WARNING,
        (
            Entry(1, _("Tangent φ above the threshold")),
            Entry(2, _("Tangent φ within the threshold again"), INFO, closes=(1,)),
        ),
    ),
    Journal(
        9,
        _("Supply quality"),
        Category.QUALITY,
        NOTICE,
        (
            Entry(0, _("Supply quality within limits"), INFO),
            Entry(1, _("Voltage more than 10 % low"), WARNING),
            Entry(8, _("Voltage more than 10 % high"), WARNING),
            Entry(16, _("Frequency more than 0.4 Hz low"), WARNING),
            Entry(32, _("Frequency more than 0.2 Hz low")),
            Entry(64, _("Frequency more than 0.2 Hz high")),
            Entry(128, _("Frequency more than 0.4 Hz high"), WARNING),
            Entry(16384, _("Frequency below the threshold"), WARNING),
            Entry(32768, _("Frequency above the threshold"), WARNING),
        ),
    ),
    Journal(10, _("Inputs and outputs"), Category.IO, INFO),
    Journal(12, _("Tangent \u03c6 by intervals"), Category.REACTIVE, NOTICE),
    Journal(13, _("Time corrections"), Category.TIME, INFO),
    Journal(14, _("Start of the year"), Category.DATA, INFO),
    Journal(15, _("Supply quality of a period"), Category.QUALITY, INFO),
    Journal(16, _("Power control"), Category.RELAY, NOTICE),
    Journal(17, _("Battery"), Category.DIAGNOSTICS, NOTICE),
    Journal(18, _("Relay blocker"), Category.RELAY, NOTICE),
    Journal(19, _("Temperature"), Category.DIAGNOSTICS, NOTICE),
    Journal(20, _("Deviations of voltage A"), Category.VOLTAGE, NOTICE),
    Journal(21, _("Deviations of voltage B"), Category.VOLTAGE, NOTICE),
    Journal(22, _("Deviations of voltage C"), Category.VOLTAGE, NOTICE),
    Journal(23, _("Deviations of voltage AB"), Category.VOLTAGE, NOTICE),
    Journal(24, _("Deviations of voltage BC"), Category.VOLTAGE, NOTICE),
    Journal(25, _("Deviations of voltage CA"), Category.VOLTAGE, NOTICE),
    Journal(26, _("Overvoltages"), Category.VOLTAGE, NOTICE),
    Journal(27, _("Interruptions of voltage"), Category.VOLTAGE, NOTICE),
    Journal(28, _("Abnormal network"), Category.VOLTAGE, WARNING),
)
