"""How the tables are spread over a cluster of PostgreSQL with Citus, and the statements for it.

Source: Citus's documentation and a trial on a cluster of three nodes; docs/scaling.md tells what
was tried. No database here: lists and text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

SHARDS = 32
"""For up to eight workers: more is slower for small deliveries, and cannot be had later cheaply."""

REFERENCE = (
    "metering_networknode", "metering_usagepoint", "metering_metermodel", "metering_meter",
    "metering_instrumenttransformer", "metering_meteringcomplex",
    "metering_meteringcomplex_transformers", "metering_balancegroup", "metering_balancemember",
    "metering_balanceloss", "tariffs_market", "tariffs_tariff", "contracts_customer",
    "contracts_customeragreement", "contracts_agreementpoint", "readings_source",
    "collection_alarmseen",
)  # fmt: skip
"""Copied whole to each node, so that every shard finds them: places, meters, agreements, and who
has dealt with an event, which is asked of each event. What one refers to stands before it."""

DISTRIBUTED = (
    "readings_block", "readings_delivered", "readings_version", "readings_provenance",
    "readings_finding", "readings_mark", "readings_moment", "readings_register",
    "readings_register_version", "events_event", "events_fresh", "charges_zone_month",
    "charges_charge_month", "charges_substituted_month", "charges_forecast", "charges_replay",
    "collection_loststretch", "collection_qualitycount",
)  # fmt: skip
"""Spread by usage point, those of one point on one node. The first decides where."""

LOCAL_OF_POINTS = (
    "contracts_tokenpoint", "collection_pointcode", "collection_supplyorder",
    "collection_supplyprotection", "cases_case", "manual_entry_entryrule",
    "manual_entry_entryexception", "manual_entry_entry", "notifications_notice",
    "notifications_subscription",
)  # fmt: skip
"""Of points, too, but small, of people, and bound to their accounts: they stay on the coordinator,
as does every table that is of no point."""

SERVER = {
    "wal_level": "logical",
    "max_prepared_transactions": "200",
    "citus.recover_2pc_interval": "5s",
}
"""What the server's own configuration needs, on every node: nobody but its administrator sets it.
Shards are moved by logical replication; a commit over nodes is prepared first; one that a killed
node left half done is seen half done until it is recovered, by default after a minute."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What the database is told, and why. `table` is None of what is no table's."""

    sql: str
    why: str
    table: str | None = None


def statements(
    *, database: str, shards: int = SHARDS, nodes: int = 1, done: Collection[str] = ()
) -> Iterator[Statement]:
    """What makes a plain database a distributed one, in the order in which it has to be said.

    nodes: that keep shards. done: tables that are spread already. Each statement is a transaction
    of its own, begun with SEQUENTIAL, so that what was interrupted goes on.
    """
    for table in REFERENCE:
        if table not in done:
            yield Statement(f"SELECT create_reference_table('{table}')", "on every node", table)
    first, *others = DISTRIBUTED
    if first not in done:
        spread = f"'{first}', 'usage_point_id', shard_count := {shards:d}"
        why = f"spread by point over {shards} shards"
        yield Statement(f"SELECT create_distributed_table({spread})", why, first)
    for table in others:
        if table not in done:
            spread = f"'{table}', 'usage_point_id', colocate_with := '{first}'"
            why = f"spread as {first} is"
            yield Statement(f"SELECT create_distributed_table({spread})", why, table)
    role = f'ALTER ROLE CURRENT_USER IN DATABASE "{database.replace(chr(34), chr(34) * 2)}" SET '
    yield Statement(
        role + "citus.multi_shard_modify_mode = 'sequential'",
        "a deed that touches many points and then a table of all nodes; and later migrations",
    )
    yield Statement(
        role + f"citus.max_cached_conns_per_worker = {-(-shards // max(nodes, 1)):d}",
        "small deliveries: else each opens a connection per shard",
    )


SEQUENTIAL = "SET LOCAL citus.multi_shard_modify_mode TO 'sequential'"
"""The first statement of each transaction that changes tables of a cluster."""
