"""What an image dataset is: rules, inspection, split, identity, manifest. No AWS in here."""
