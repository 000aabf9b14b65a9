"""Commits in the user's own checkout, as a transaction, and their undoing.

The way of a run: `plan` says which commits, `eligible` which files may take part,
`staging` builds trees beside the user's index, `hooks` asks the hooks,
`transaction` moves the branch, `finish` brings work tree and index
after it (or back), `journal` remembers where it stood, `undo` takes it back.
"""
