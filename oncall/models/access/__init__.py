"""Tables of who may enter: accounts and their roles, programs, PINs that were tried."""
