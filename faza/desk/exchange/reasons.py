"""What is wrong in a file, in the reader's language.

Readers of files say it in English, with a code that a row does not keep; the sentences that
people meet most are known here by their form. One that is not known stands as it was said.
"""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FORMS: tuple[tuple[str, str | Promise], ...] = (
    (
        r"Usage point (?P<code>.+?) is unknown(?:; --create-points makes it)?\.",
        _("There is no usage point %(code)s."),
    ),
    (
        r"Usage point (?P<code>.+?) cannot be made: (?P<why>.+)",
        _("Usage point %(code)s cannot be made: %(why)s"),
    ),
    (
        r"The value is (?P<text>.+); expected a decimal number(?P<more>.*)",
        _("The value is %(text)s, not a number."),
    ),
    (
        r"Messages of sender (?P<inn>\S+) are not agreed for this way\.",
        _("Messages of the sender %(inn)s are not agreed for this way."),
    ),
    (
        r"The XML is broken at line (?P<line>\d+): (?P<why>.+)\.",
        _("The XML is broken at line %(line)s: %(why)s."),
    ),
    (
        r"The message's day is (?P<text>.+); expected a date as yyyyMMdd\.",
        _("The day of the message is %(text)s; it should be a date as yyyyMMdd."),
    ),
    (
        r"The message's number is (?P<text>.+); expected .+\.",
        _("The number of the message is %(text)s; it should be a number."),
    ),
    (r"The sender has no INN\.", _("The sender has no INN.")),
    (r"Area (?P<name>.+) has no INN\.", _("The area %(name)s has no INN.")),
    (r"<(?P<kind>\w+)> has no code; it is left out\.", _("A point without a code is left out.")),
    (
        r"The message has no channel with values\.",
        _("The message has no channel with values."),
    ),
    (r"The row names no point(?: or meter)?\.", _("The row names no point and no meter.")),
    (
        r"The file has no (?:value|reading) of a known \w+ and moment\.",
        _("The file has no value of a known point and moment."),
    ),
    (
        r"No meter stood at (?P<code>.+) at (?P<when>.+)\.",
        _("No meter stood at the point %(code)s at %(when)s."),
    ),
    (
        r"(?P<count>[\d,]+) values? lies? after the moment of the import \(first (?P<first>.+)\);"
        r" all are stored\.",
        _("Values after the moment of the import: %(count)s, first %(first)s. All are stored."),
    ),
    (
        r"It is no XML and no table of readings\. .*",
        _("This is neither XML nor a table of readings."),
    ),
    (
        r"It names meters, and meters of other areas too; an administrator may\.",
        _("The file names meters, which may be of other areas: let an administrator upload it."),
    ),
    (
        r"Reading it was begun (?P<count>\d+) times and never came to an end\.",
        _("Its reading was begun %(count)s times and never came to an end."),
    ),
    (
        r"It was stopped; what was stored until then stays\.",
        _("It was stopped; what was stored until then stays."),
    ),
    (
        r"No profile takes mails from (?P<sender>.+)\.",
        _("No profile takes mails from %(sender)s."),
    ),
    (
        r"The (?:mail|file) has (?P<size>[\d,]+) bytes; at most (?P<most>[\d,]+) are taken\.",
        _("Too large: %(size)s bytes, at most %(most)s are taken."),
    ),
    (r"It cannot be read: (?P<why>.+)\.", _("It cannot be read: %(why)s.")),
    (
        r"the server has another key than the one that is agreed|"
        r"the server has no key of the type that is agreed",
        _("the server has another key than the one that is agreed"),
    ),
    (
        r"user, password or key are not taken",
        _("the server does not take the user, password or key"),
    ),
    (r"Connection refused|.*\[Errno 111\].*", _("nobody answers at this address")),
    (r"timed out|.*\[Errno 110\].*|Connection timed out", _("no answer in time")),
    (r"the file is not kept any more", _("the file is not kept any more")),
)
_KNOWN = [(re.compile(form, re.DOTALL), words) for form, words in FORMS]


def reason_words(reason: str) -> str:
    """A reason in the reader's language; as it was said where its form is not known."""
    for form, words in _KNOWN:
        if found := form.fullmatch(reason):
            return str(words) % found.groupdict()
    return reason
