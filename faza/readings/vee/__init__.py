"""Validation, estimation and what people decide about them, over the interval store.

`running` looks at what changed (marks), `inline` at what is being recorded; `deeds` are what a
person does, `queue`, `preview` and `why` what pages ask. The rules themselves are
`readings.validation`, the methods `readings.estimation`: plain NumPy, which this fetches for and
whose verdicts and estimates it lays over the days. What was delivered is never touched.
"""
