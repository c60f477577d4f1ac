"""Deeds on the network and on what is installed in it: nodes, points, instruments, complexes.

Refused: the deed cannot be done as told; nothing is done
  UnderItself: a node cannot stand under itself
  TooDeep: the tree would be deeper than a path can tell
  InUse: something stands on it: children, points, a place in the past
  ZoneStands: a point's zone and resource are not changed by an edit
  AnotherInstalled, MeterElsewhere, NotInstalled: about complexes
  OneSided, LaterStands: about groups of balances
"""

from faza.metering.services.balances import end_balance_group, set_balance_group
from faza.metering.services.complexes import change_role, install, remove, set_ratios
from faza.metering.services.instruments import (
    add_meter,
    add_meter_model,
    add_transformer,
    change_meter,
    change_meter_model,
    change_transformer,
)
from faza.metering.services.nodes import add_node, change_node, move_node, remove_node
from faza.metering.services.points import add_usage_point, change_usage_point, move_usage_points
from faza.metering.services.refusals import (
    AnotherInstalled,
    InUse,
    LaterStands,
    MeterElsewhere,
    NotInstalled,
    OneSided,
    Refused,
    TooDeep,
    UnderItself,
    ZoneStands,
)

__all__ = [
    "AnotherInstalled",
    "InUse",
    "LaterStands",
    "MeterElsewhere",
    "NotInstalled",
    "OneSided",
    "Refused",
    "TooDeep",
    "UnderItself",
    "ZoneStands",
    "add_meter",
    "add_meter_model",
    "add_node",
    "add_transformer",
    "add_usage_point",
    "change_meter",
    "change_meter_model",
    "change_node",
    "change_role",
    "change_transformer",
    "change_usage_point",
    "end_balance_group",
    "install",
    "move_node",
    "move_usage_points",
    "remove",
    "remove_node",
    "set_balance_group",
    "set_ratios",
]
