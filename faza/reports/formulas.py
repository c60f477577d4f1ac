"""Own formulas over the columns of a report: arithmetic on whole columns, and nothing else.

Parsed and computed by simpleeval, of which only numbers, names of columns, + − * / and brackets
are left: no calls, attributes, subscripts, powers, texts, comparisons or loops.
"""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext as _
from simpleeval import InvalidExpression, SimpleEval

LONGEST = 300
MOST_PARTS = 100
"""Names, numbers and signs in a formula: more would nest too deep."""
_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: np.true_divide,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_NODES = (ast.Expr, ast.Name, ast.UnaryOp, ast.BinOp, ast.Constant)
Numbers = npt.NDArray[np.float64]
GREATEST = 1e15
"""Beyond it a number with decimals is not exact any more, and no reading is so great."""


class WrongFormula(ValueError):
    """A formula that cannot be computed; the message says why, to its author."""


def names_of(formula: str, columns: Collection[str]) -> frozenset[str]:
    """The columns that a formula uses.

    Raises WrongFormula: it is too long, no arithmetic, or names a column that is not there.
    """
    found = set()
    for node in ast.walk(_parsed(formula)):
        if isinstance(node, ast.Name):
            if node.id not in columns:
                raise WrongFormula(_("There is no column “%s”.") % node.id[:50])
            found.add(node.id)
    return frozenset(found)


def computed(formula: str, columns: Mapping[str, Numbers]) -> Numbers:
    """The formula's column: (n,) float64 of columns of (n,), NaN where it has no value.

    What is missing in a column is missing in the result; so are a division by zero and what is
    greater than GREATEST.

    Raises WrongFormula as `names_of` does.
    """
    names_of(formula, columns)
    n = len(next(iter(columns.values()))) if columns else 0
    found = _evaluator({name: np.asarray(values) for name, values in columns.items()})
    with np.errstate(all="ignore"):
        try:
            value = np.asarray(found.eval(formula, _parsed(formula)), dtype=np.float64)
        except (InvalidExpression, ArithmeticError, TypeError, ValueError) as problem:
            raise WrongFormula(_("This is no arithmetic over columns.")) from problem
    made = np.broadcast_to(value, (n,)).copy()
    made[~(np.abs(made) <= GREATEST)] = np.nan
    return made


def _evaluator(names: Mapping[str, Numbers]) -> SimpleEval:
    made = SimpleEval(operators=dict(_OPERATORS), functions={}, names=dict(names))
    made.nodes = {kind: made.nodes[kind] for kind in _NODES}
    # Whole numbers of Python divide by zero with an exception, and do not overflow.
    made.nodes[ast.Constant] = lambda node: np.float64(node.value)
    return made


def _parsed(formula: str) -> ast.stmt:
    if len(formula) > LONGEST:
        raise WrongFormula(_("A formula has at most %s characters.") % LONGEST)
    told = _("This is no arithmetic over columns.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "1if" and the like, told to nobody
            tree = ast.parse(formula.strip().replace("−", "-").replace(",", "."))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        raise WrongFormula(told) from problem
    parts = list(ast.walk(tree))
    if len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr) or len(parts) > MOST_PARTS:
        raise WrongFormula(told)
    allowed = (*_NODES, *_OPERATORS, ast.Module, ast.Load)
    for node in parts:
        if not isinstance(node, allowed):
            raise WrongFormula(told)
        if isinstance(node, ast.Constant) and type(node.value) not in (int, float):
            raise WrongFormula(told)
    return tree.body[0]
