"""A toy cloud: servers on hosts, and migrations that take a moment."""
