"""Programs, each with an example call, and the text of their derivatives.

`NAME.py` holds the function NAME, the arguments of a CALL, and the DERIVATIVES to take
of it: what follows NAME in a file's name -> the parameters. `NAME.MODE.txt` holds what
s2s writes; `pytest tests/test_golden.py --update-golden` writes these files anew.
"""
