"""Base page, components, charts, icons and formats of all faces; no models, no queries."""
