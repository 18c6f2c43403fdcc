"""What every page stands on: access, sign-in cookies, headers, errors, static files."""
