"""The edits of a rewriting: pieces of text, and the styles."""
