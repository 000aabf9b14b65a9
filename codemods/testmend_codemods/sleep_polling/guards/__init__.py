"""Whose sleep it is, and what else keeps a loop from being rewritten."""
