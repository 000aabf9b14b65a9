"""The lines that change: how the file lays them out."""
