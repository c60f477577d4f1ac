"""Customers and their agreements; applications of people; keys of programs and devices."""

from faza.contracts.models.applications import Application, ApplicationNote
from faza.contracts.models.pairing import Pairing
from faza.contracts.models.parties import (
    AgreementPoint,
    Customer,
    CustomerAgreement,
    CustomerMember,
    HouseManagement,
    OperatorArea,
    PersonalRight,
    validate_inn,
)
from faza.contracts.models.sharing import AccessConsent, OAuthClient, OneTimeSecret
from faza.contracts.models.tokens import Token, TokenPoint, TokenUse

__all__ = [
    "AccessConsent",
    "AgreementPoint",
    "Application",
    "ApplicationNote",
    "Customer",
    "CustomerAgreement",
    "CustomerMember",
    "HouseManagement",
    "OAuthClient",
    "OneTimeSecret",
    "OperatorArea",
    "Pairing",
    "PersonalRight",
    "Token",
    "TokenPoint",
    "TokenUse",
    "validate_inn",
]
