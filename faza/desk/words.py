"""Words of the desk for codes that several of its pages show."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from faza.contracts.permissions import Right

RIGHTS: dict[Right, str | Promise] = {
    Right.OPEN_DESK: _("open the operator's desk"),
    Right.SEE_SUBSCRIBERS: _("see subscribers, customers and agreements"),
    Right.DECIDE_APPLICATIONS: _("decide applications"),
    Right.EDIT_CUSTOMERS: _("change customers and agreements"),
    Right.EDIT_ACCESS: _("open and close access to points"),
    Right.SEE_NETWORK: _("see the network, points and meters"),
    Right.EDIT_NETWORK: _("change the network, points and meters"),
    Right.IMPORT_GRID: _("import a whole grid"),
    Right.SEE_COLLECTION: _("see how meters are read"),
    Right.RUN_COLLECTION: _("read meters now, set clocks, change lines and connections"),
    Right.EDIT_COLLECTION: _("change collection plans and access to meters"),
    Right.SEE_EXCHANGE: _("see files that came and were sent"),
    Right.IMPORT_FILES: _("upload files of readings"),
    Right.EDIT_EXCHANGE: _("change exchange profiles and places, send messages"),
    Right.SEE_ORDERS: _("see orders about supply"),
    Right.REQUEST_LIMIT: _("request that supply is limited or restored"),
    Right.PROTECT_SUPPLY: _("protect points and customers from limitation"),
    Right.SEE_ALARMS: _("see alarms"),
    Right.ANSWER_ALARMS: _("put down that an alarm is dealt with"),
    Right.SEE_CALENDARS: _("see tariff calendars of meters"),
    Right.EDIT_CALENDARS: _("write tariff calendars into meters"),
    Right.SEE_TARIFFS: _("see tariffs and prices"),
    Right.EDIT_TARIFFS: _("import prices, set the rate of the tax"),
    Right.SEE_CASES: _("see what subscribers ask and contest"),
    Right.ANSWER_CASES: _("answer what subscribers ask and contest"),
    Right.SEE_NEWS: _("see news and who has read them"),
    Right.EDIT_NEWS: _("write, publish and withdraw news"),
    Right.SEE_EXCEPTIONS: _("see what validation found"),
    Right.SOLVE_EXCEPTIONS: _("decide what validation found: accept, estimate, edit by hand"),
    Right.EDIT_RULES: _("change rules of validation"),
    Right.SEE_READINGS: _("see readings that people typed"),
    Right.CHECK_READINGS: _("accept, correct, refuse and withdraw typed readings"),
    Right.SEE_WINDOWS: _("see when readings may be typed"),
    Right.EDIT_WINDOWS: _("set when readings may be typed"),
    Right.SEE_ROUNDS: _("see route sheets of points that bring no data"),
    Right.TYPE_ROUNDS: _("type in readings from a round"),
    Right.SEE_AUDIT: _("see the trail of deeds"),
    Right.SEE_OFFICE: _("see texts, card, users, retention"),
    Right.EDIT_TEXTS: _("write and publish legal texts"),
    Right.EDIT_ORGANISATION: _("change the organisation card"),
    Right.MANAGE_USERS: _("manage users, roles, areas"),
    Right.EDIT_RETENTION: _("change terms of keeping"),
    Right.EDIT_CLIENTS: _("register and close applications of others"),
    Right.SWITCH_RELAY: _("limit and restore supply by the relay"),
}


def right_words(right: Right) -> str:
    """What a right lets do; a right that nobody gave words stands for itself."""
    return str(RIGHTS.get(right, right))
