"""What all pages stand on: templates, styles, scripts, forms, events and errors."""
