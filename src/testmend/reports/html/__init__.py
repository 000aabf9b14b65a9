"""The findings and diffs of one repository or many as one HTML page."""
