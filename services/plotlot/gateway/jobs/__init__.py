"""Long work: kept in the database, done row by row, resumed after a kill."""
