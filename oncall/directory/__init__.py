"""The directory file: who is on call, who may call, under which contract (docs: Directory file)."""

from oncall.directory.applying import apply
from oncall.directory.leaving import Missing, missing
from oncall.directory.model import Directory
from oncall.directory.parsing import parse
from oncall.directory.problems import DirectoryError, Problem

__all__ = ["Directory", "DirectoryError", "Missing", "Problem", "apply", "missing", "parse"]
