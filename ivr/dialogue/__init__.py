"""The conversation with a caller: what is asked, and what each answer leads to, with the database and without."""
