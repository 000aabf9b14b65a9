"""testmend: codemods for Python test code."""

__version__ = "0.1.0"
