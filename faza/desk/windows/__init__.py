"""When readings may be typed: rules, exceptions by date, approval by rule."""
