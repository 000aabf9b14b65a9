"""Git, as testmend calls it: one hardened runner, and what it knows of repositories.

`runner` starts git (nothing else in testmend does), `environment` says with which
variables and settings, `repository` is the user's own checkout, `audit` judges a
repository of somebody else, `objects` reads one without a checkout, and `names` checks
and shows what comes from outside: paths, refs, addresses.
"""
