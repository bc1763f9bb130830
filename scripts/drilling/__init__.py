"""What a drill consists of: a broken model, steady traffic, a watch, and a verdict."""
