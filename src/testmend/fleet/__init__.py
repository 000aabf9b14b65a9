"""Many repositories: a campaign, its journal, and the way without checkouts.

The way of a repository: `manifest` names it and `targets` lists it, `mirrors` fetches
its commit, `tree` says which files are under work, `compute` rewrites them (bytes in,
bytes out, in any process), `objects` makes commits of them, `publish` hands these in,
and `campaign` drives it while `journal` remembers how far it is.
"""
