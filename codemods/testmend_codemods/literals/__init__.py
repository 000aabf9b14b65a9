"""Literal values that say nothing: found, named, lifted to constants, and proven.

What hardcoded-uuid, hardcoded-ip and hardcoded-value share. The way of the data:

``values``      what is a value, and of which kind
``sites``       the literals of a file and where they stand
``refusals``    which of them must stay as they are
``attributes``  constants of classes
``embedded``    values inside longer strings
``contexts``    what the code around a value calls it; ``words`` makes names
                of that (``vocabulary``: what the words are)
``survey``      all of this for one file
``naming``      one name for each value, by vote; ``kinship`` tells what means the same
``imported``    constants of other modules that are imported already
``plan``        which values are lifted, and under which name
``block``       where the constants stand; ``layout`` keeps lines below aligned
``wrapping``    brackets that only a long literal needs
``breaks``      the ways to break a line; ``fitting`` which lines need it
``shared``      one module of constants for a folder; ``present`` how it stands
``resolve``     the findings and their edits
``proof``       without the constants, the tree is the old one
``elsewhere``   what the proof may believe of other modules
"""
