"""Drills: something is taken away on purpose, while requests go on and are counted.

`look` sees what is there, `plan` says what a drill does with it and refuses what cannot be done,
`acts` does it and puts it back, `streams` asks meanwhile, and `result` judges what came back.
"""
