"""Lets Django empty the audit trail after a test that commits, and nothing else.

The database refuses to take entries away, from everybody. So the triggers are put aside while
Django empties all tables between two tests, and are back before the next one begins.
"""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import connections, transaction
from django.db.backends.base.operations import BaseDatabaseOperations

TABLE = "audit_entry"


def let_tests_empty_it(patch: pytest.MonkeyPatch) -> None:
    emptied = BaseDatabaseOperations.execute_sql_flush

    def empty(self: BaseDatabaseOperations, statements: list[str]) -> None:
        if not any(TABLE in statement for statement in statements):
            emptied(self, statements)
            return
        guard = import_module("faza.audit.migrations.0003_append_only")
        vendor = self.connection.vendor
        with transaction.atomic(using=self.connection.alias):
            _execute(self.connection.alias, guard.LIFT[vendor])
            emptied(self, statements)
            _execute(self.connection.alias, guard.GUARD[vendor])

    patch.setattr(BaseDatabaseOperations, "execute_sql_flush", empty)


def _execute(alias: str, statements: list[str]) -> None:
    with connections[alias].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
