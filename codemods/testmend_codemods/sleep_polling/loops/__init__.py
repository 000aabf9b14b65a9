"""The forms of loops that wait, and how each is told."""
