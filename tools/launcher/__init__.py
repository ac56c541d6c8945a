"""What ./smartmail does before the program proper runs. Standard library only, Python 3.11 or later."""
