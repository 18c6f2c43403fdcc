"""The live board: how things stand at this moment, kept up to date while somebody looks."""
