"""Codemods from outside: plugin files, LibCST commands, Fixit rules, Bowler scripts.

A guest runs in a process of its own (`sandbox`, driven by `process`), on text and in
memory; what it returns is compared with what it got (`hunks`) and becomes findings
(`guest`), which then go the way of all findings.
"""
