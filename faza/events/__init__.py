"""What devices report beside readings: events of meters, concentrators, modems and of Faza."""
