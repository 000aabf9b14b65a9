"""The suite runs with pytest, too."""
