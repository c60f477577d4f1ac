"""faza createadmin and faza createoperator."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Any

from faza.cli.common import OK, Refused, command, database_in_reach, now, start_with_tables

SHOWN = 20
AREAS = """\
An operator works in --area, a node of the network, and below it.

"""
TEACH = """\
The password is asked for, or read from the standard input with --password-stdin; with --invite
a mail brings a link by which the person sets it.

examples:
  faza {name} --email ivanova@setel.example --name "Иванова Анна"{area}
  faza {name} --email anna@setel.example --name "Анна"{area} --invite
  pass show faza | faza {name} --email anna@setel.example --name "Анна"{area} --password-stdin
"""


def add_to(commands: Any) -> None:
    for name, what, role in (
        ("createadmin", "make an administrator, who sees and sets everything", "administrator"),
        ("createoperator", "make an operator of a part of the network", "operator"),
    ):
        area = " --area RES-1" if role == "operator" else ""
        teach = (AREAS if area else "") + TEACH.format(name=name, area=area)
        parser = command(commands, name, help=what, teach=teach)
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True, help="family and given names")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--password-stdin", action="store_true")
        how.add_argument("--invite", action="store_true", help="send a link for setting a password")
        if role == "operator":
            parser.add_argument(
                "--area", action="append", default=[], metavar="CODE",
                help="code of a network node that the operator works in; may come several times",
            )  # fmt: skip
        parser.set_defaults(run=run, role=role)


def run(options: argparse.Namespace) -> int:
    start_with_tables()
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email

    try:
        validate_email(options.email)
    except ValidationError:
        raise Refused(f"--email {options.email}: no e-mail address") from None
    with database_in_reach():
        if options.role == "operator" and not options.area:
            raise Refused(f"--area is wanted: the node that the operator works in; {_nodes()}")
        _create(options, None if options.invite else _password(options))
    told = "is told by mail to set a password" if options.invite else "can sign in"
    print(f"{options.role} {options.email.lower()} {told}")
    return OK


def _create(options: argparse.Namespace, password: str | None) -> None:
    """Make the user with the areas; without a password they are invited by mail."""
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError
    from django.db import transaction
    from django.utils.translation import override

    from faza.accounts import services
    from faza.accounts.models import User
    from faza.contracts import services as contracts
    from faza.metering.models import NetworkNode

    areas = getattr(options, "area", [])
    nodes = list(NetworkNode.objects.filter(code__in=areas))
    missing = set(areas) - {node.code for node in nodes}
    if missing:
        raise Refused(f"no such network node: {', '.join(sorted(missing))}; {_nodes()}")
    try:
        if password is not None:
            # Commands speak English, whatever language the pages have.
            with override("en"):
                validate_password(password, User(email=options.email, full_name=options.name))
        with transaction.atomic():
            user = services.create_user(
                email=options.email, full_name=options.name, role=User.Role(options.role),
                password=password, at=now(),
            )  # fmt: skip
            for node in nodes:
                contracts.assign_area(user=user, node=node, at=now())
            if password is None:
                services.send_invitation(user=user, at=now())
    except ValidationError as problem:
        raise Refused(f"the password: {' '.join(problem.messages)}") from problem
    except services.EmailTaken as problem:
        raise Refused(f"somebody signs in as {options.email} already") from problem


def _nodes() -> str:
    """The first nodes of the network, from the top: code and name."""
    from faza.metering.models import NetworkNode

    found = list(NetworkNode.objects.order_by("path").values_list("code", "name")[: SHOWN + 1])
    if not found:
        return "there is none yet: `faza import --create-points` makes them"
    shown = "; ".join(f"{code} ({name})" for code, name in found[:SHOWN])
    return f"there are {shown}" + ("; …" if len(found) > SHOWN else "")


def _password(options: argparse.Namespace) -> str:
    if options.password_stdin:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        raise Refused("there is nobody to ask for a password: use --password-stdin")
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Again: "):
        raise Refused("the two passwords differ")
    return first
