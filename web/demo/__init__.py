"""Pages beside the softphones of the demo."""
