"""Results of earlier runs, so that files that did not change cost next to nothing.

`store` keeps bytes under keys on disk, `entries` says what is kept and under which key,
`asked` notes which questions a result put to the project's index, and `recall` brings
it together for the runner.
"""
