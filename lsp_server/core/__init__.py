"""Types and pure functions of the whole project; standard library only."""
