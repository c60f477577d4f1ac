"""faza token: keys for programs that push telemetry."""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import Any

from faza.cli.common import (
    OK,
    PROBLEMS,
    Refused,
    command,
    database_in_reach,
    now,
    start_with_tables,
)

TEACH = """\
A program sends telemetry to POST /api/intake with the header `Authorization: Bearer TOKEN`. It may
write to usage points at the node --area and below it, or, with --everywhere, to all. The token is
shown once: only its digest is kept. The sender names what comes with it; give each program its own.

examples:
  faza token create --name "House 7, gateway" --sender house-7 --area RES-1
  faza token create --name "Billing" --sender billing --everywhere --days 365
  faza token list
  faza token revoke 3
"""


def add_to(commands: Any) -> None:
    parser = command(
        commands, "token", help="make, list and revoke keys of programs that push data", teach=TEACH
    )
    deeds = parser.add_subparsers(dest="deed", metavar="DEED", required=True)
    create = deeds.add_parser("create", help="make a token and show it, once")
    create.add_argument("--name", required=True, help="what it is for, in words")
    create.add_argument("--sender", required=True, help="small letters, digits, dots, dashes")
    where = create.add_mutually_exclusive_group(required=True)
    where.add_argument("--area", metavar="CODE", help="node of the network it may write below")
    where.add_argument("--everywhere", action="store_true", help="it may write to all points")
    create.add_argument("--days", type=int, help="how long it works (default: until revoked)")
    create.set_defaults(run=run, act=_create)
    deeds.add_parser("list", help="show the tokens").set_defaults(run=run, act=_list)
    revoke = deeds.add_parser("revoke", help="end a token at once")
    revoke.add_argument("number", type=int, help="its number, as `faza token list` shows it")
    revoke.set_defaults(run=run, act=_revoke)


def run(options: argparse.Namespace) -> int:
    start_with_tables()
    with database_in_reach():
        code: int = options.act(options)
    return code


def _create(options: argparse.Namespace) -> int:
    from django.core.exceptions import ValidationError

    from faza.collection.intake import tokens
    from faza.metering.models import NetworkNode

    node = None
    if options.area is not None:
        node = NetworkNode.objects.filter(code=options.area).first()
        if node is None:
            raise Refused(f"--area {options.area}: there is no such node of the network")
    if options.days is not None and not 0 < options.days <= 36_500:
        raise Refused("--days is 1 to 36500")
    at = now()
    ends = at + timedelta(days=options.days) if options.days else None
    try:
        token, text = tokens.make(
            name=options.name, sender=options.sender, node=node, at=at, expires_at=ends
        )
    except ValidationError as problem:
        raise Refused(" ".join(problem.messages)) from problem
    print(text)
    where = f"below {node.code}" if node else "everywhere"
    until = f"until {ends:%Y-%m-%d}" if ends else f"until `faza token revoke {token.pk}`"
    print(f"token {token.pk} of {token.sender} writes {where}, {until}; it is not shown again")
    return OK


def _list(options: argparse.Namespace) -> int:
    from faza.collection.intake import tokens
    from faza.collection.models import AccessToken

    working = set(tokens.open_tokens(now()).values_list("pk", flat=True))
    for token in AccessToken.objects.select_related("node").order_by("pk"):
        area = token.node.code if token.node else "everywhere"
        used = f"used {token.used_at:%Y-%m-%d %H:%M} UTC" if token.used_at else "never used"
        state = "works" if token.pk in working else "ended"
        print(f"{token.pk}\t{token.hint}…\t{token.sender}\t{area}\t{state}\t{used}\t{token.name}")
    return OK


def _revoke(options: argparse.Namespace) -> int:
    from faza.collection.intake import tokens
    from faza.collection.models import AccessToken

    token = AccessToken.objects.filter(pk=options.number).first()
    if token is None:
        raise Refused(f"there is no token {options.number}: see `faza token list`")
    if not tokens.revoke(token, at=now()):
        print(f"token {token.pk} had ended before")
        return PROBLEMS
    print(f"token {token.pk} of {token.sender} works no more")
    return OK
