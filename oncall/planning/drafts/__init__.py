"""Drafts of rosters: changed, compared, merged and published. Nobody is rung by them."""
