"""Small projects in memory, run through the same way as real ones."""

from testmend.testing import Project

__all__ = ["Project"]
