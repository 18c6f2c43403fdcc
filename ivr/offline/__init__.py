"""The hotline while its database is away: from the snapshot on disk, step by step, with the state in the addresses."""
