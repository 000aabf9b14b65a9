"""Forges: change requests on GitHub, GitLab, Gitea and Forgejo, and whose they host.

`model` is what all have in common, one module each says how it is asked, and `opening`
picks one. Nothing here knows git, campaigns or journals.
"""
