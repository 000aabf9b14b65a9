"""What the codemods of hardcoded values share: values, contexts, names, placement."""
