"""The deterministic reader: dimensional standards from ordinance tables, labels and sentences."""

ENGINE = "reader/8"
