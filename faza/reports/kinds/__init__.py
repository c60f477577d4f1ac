"""The kinds of reports, a module each: parameters that count, the query, the table, the chart."""
