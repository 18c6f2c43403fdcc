"""Texts that come in: what they say, whose codes they name, how many guesses a number has, who is answered."""
