"""Deeds on customers, agreements, access, applications and rights by name.

Each writes, checks and audits in one transaction. `services.bind_point` and the like are here;
what is done to an application is in `services.applications`, to personal tokens in
`services.tokens`.
"""

from faza.contracts.rules.applications import AlreadyDecided, WrongMove
from faza.contracts.services import applications, tokens
from faza.contracts.services.access import (
    AlreadyMember,
    admit_member,
    assign_area,
    assign_house,
    dismiss_member,
    withdraw_area,
    withdraw_house,
)
from faza.contracts.services.agreements import (
    AlreadyBound,
    BreaksBindings,
    OutsideAgreement,
    bind_point,
    change_agreement,
    change_binding,
    close_agreement,
    remove_binding,
    sign_agreement,
    unbind_point,
)
from faza.contracts.services.customers import add_customer, change_contacts, change_customer
from faza.contracts.services.rights import NotPersonal, grant_right, withdraw_right
from faza.contracts.services.validity import AlreadyEnded

__all__ = [
    "AlreadyBound",
    "AlreadyDecided",
    "AlreadyEnded",
    "AlreadyMember",
    "BreaksBindings",
    "NotPersonal",
    "OutsideAgreement",
    "WrongMove",
    "add_customer",
    "admit_member",
    "applications",
    "assign_area",
    "assign_house",
    "bind_point",
    "change_agreement",
    "change_binding",
    "change_contacts",
    "change_customer",
    "close_agreement",
    "dismiss_member",
    "grant_right",
    "remove_binding",
    "sign_agreement",
    "tokens",
    "unbind_point",
    "withdraw_area",
    "withdraw_house",
    "withdraw_right",
]
