"""Which files are under work, and which belong to the project around them.

Nothing is imported and nothing outside the project's root is read here, but for
ignore files of the same git repository. Links are not followed.
"""

from testmend.discover.picking import Choice, pick
from testmend.discover.root import project_root, within
from testmend.discover.walk import project_files

__all__ = ["Choice", "pick", "project_files", "project_root", "within"]
