"""From volumes to lines: pure rules of the cost of energy. Source: design/rules.md, Cost."""
