"""Every question about time: staffed hours, holidays, working time, rotations, rosters, who is on call.

Everything here is a pure function of plain data and an instant. Instants are aware UTC datetimes; wall-clock
times are naive datetimes that mean something only together with a zone name. Nothing reads a clock or a
database.
"""
