"""Who publishes towns' codes, behind one interface, and which municipalities there are."""
