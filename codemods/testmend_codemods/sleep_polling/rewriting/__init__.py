"""One loop rewritten: from its form to edits."""
