"""What the hotline needs while its database is away: a snapshot on disk, a journal, and its way into the database."""
