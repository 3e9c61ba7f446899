"""Standards read by a large language model, which must quote first and is believed only where its quote verifies."""

ENGINE = "model/1"
