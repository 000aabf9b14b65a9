"""Constants that stand elsewhere: in other modules, and in a shared one."""
