"""What people and machines get to read: one module per format.

A format is a function from results to pieces of output; nothing here prints.
"""
