"""Everything that is spoken to callers, in one place. Read each aloud before changing it.

Sentences are short: a caller at three in the morning hears them once, maybe on a bad line.
"""
