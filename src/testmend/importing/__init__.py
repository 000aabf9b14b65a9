"""Import statements as text: taking names out of them, and putting new ones in."""

from testmend.importing.insertion import insertion
from testmend.importing.removal import Removal, removal

__all__ = ["Removal", "insertion", "removal"]
