"""Which lock of PostgreSQL a statement of a migration takes, and who waits for it meanwhile.

Source: PostgreSQL's manual, "Explicit Locking" and the pages of the statements. Only what Django's
schema editor and our own migrations write is told apart; what is not known is taken for the worst.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum


class Wait(IntEnum):
    """How long others are held up; ordered by how much it matters."""

    NOBODY = 0
    MOMENT = 1
    WRITERS = 2
    EVERYBODY = 3


WORDS = {
    Wait.NOBODY: "nobody waits",
    Wait.MOMENT: "everybody waits for a moment",
    Wait.WRITERS: "writers wait while the table is read",
    Wait.EVERYBODY: "readers and writers wait while the table is read or written anew",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A statement: of which kind, on which tables, who waits for it.

    stumbles: whether the version before, which does not know of it, fails at that table
    afterwards: it reads a column that has gone, or writes a row without one that must be there.
    """

    kind: str
    tables: tuple[str, ...]
    wait: Wait
    stumbles: bool = False


_TABLE = r'(?:ONLY )?"?(\w+)"?'
_STATEMENTS: tuple[tuple[str, str, Wait], ...] = (
    ("CREATE (?:UNIQUE )?INDEX CONCURRENTLY .*? ON #", "index, concurrently", Wait.NOBODY),
    ("CREATE (?:UNIQUE )?INDEX .*? ON #", "index", Wait.WRITERS),
    ("DROP INDEX CONCURRENTLY", "drop index, concurrently", Wait.NOBODY),
    ("DROP INDEX", "drop index", Wait.MOMENT),
    ("CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?#", "new table", Wait.NOBODY),
    ("DROP TABLE (?:IF EXISTS )?#", "drop table", Wait.MOMENT),
    ("(?:CREATE|DROP) TRIGGER .*? ON #", "trigger", Wait.MOMENT),
    ("(?:CREATE (?:OR REPLACE )?|DROP )FUNCTION", "function", Wait.NOBODY),
    ("COMMENT ON", "comment", Wait.NOBODY),
    ("SET (?:CONSTRAINTS|LOCAL)", "setting", Wait.NOBODY),
    ("INSERT INTO #", "new rows", Wait.NOBODY),
    ("UPDATE #", "change of rows", Wait.WRITERS),
    ("DELETE FROM #", "deletion of rows", Wait.WRITERS),
)
_RULE_OF_COLUMN = "(?:GENERATED|UNIQUE|PRIMARY KEY|CHECK|REFERENCES)"
_ALTERATIONS: tuple[tuple[str, str, Wait], ...] = (
    ("ATTACH PARTITION", "attach partition", Wait.NOBODY),
    ("VALIDATE CONSTRAINT", "validate constraint", Wait.NOBODY),
    ("ADD CONSTRAINT .* NOT VALID", "constraint, not valid", Wait.MOMENT),
    ("ADD CONSTRAINT .* USING INDEX", "constraint of an index", Wait.MOMENT),
    ("ADD CONSTRAINT .* FOREIGN KEY", "foreign key", Wait.WRITERS),
    ("ADD CONSTRAINT", "constraint", Wait.EVERYBODY),
    (rf"ADD COLUMN .* {_RULE_OF_COLUMN}\b", "column with a rule", Wait.EVERYBODY),
    ("ADD COLUMN", "column", Wait.MOMENT),
    (r"ALTER COLUMN \S+ SET NOT NULL", "not null", Wait.EVERYBODY),
    (r"ALTER COLUMN \S+ (?:SET DATA )?TYPE", "other type", Wait.EVERYBODY),
    (r"ALTER COLUMN \S+ (?:DROP|SET)", "change of the catalogue", Wait.MOMENT),
    ("DROP|RENAME", "change of the catalogue", Wait.MOMENT),
    ("", "change", Wait.EVERYBODY),
)
_RULES = tuple(
    (re.compile(rule.replace("#", _TABLE), re.I), kind, wait)
    for rule, kind, wait in (
        *_STATEMENTS,
        *((f"ALTER TABLE # (?:{rule})", kind, wait) for rule, kind, wait in _ALTERATIONS),
    )
)
# Django gives a new column its constant and takes the default away again.
_STUMBLES = re.compile(
    r"DROP TABLE"
    r"|ALTER TABLE .* (?:DROP COLUMN|RENAME|ALTER COLUMN \S+ (?:DROP DEFAULT|SET NOT NULL))",
    re.I,
)
_REFERENCES = re.compile(r'REFERENCES "?(\w+)"?', re.I)


def step_of(statement: str) -> Step:
    """What a statement does; tables that it refers to are told after its own.

    A foreign key holds up writers of both tables; a new table that refers to others does so for
    a moment, as there is nothing to compare yet.
    """
    told = " ".join(statement.split())
    others = tuple(dict.fromkeys(_REFERENCES.findall(told)))
    for rule, kind, wait in _RULES:
        if found := rule.match(told):
            own = tuple(one for one in found.groups() if one)
            tables = tuple(dict.fromkeys((*own, *others)))
            return Step(kind, tables, wait, stumbles=bool(_STUMBLES.match(told)))
    return Step("statement", others, Wait.EVERYBODY)
