"""Where the wait helper lives in a project, and how a file imports it."""
