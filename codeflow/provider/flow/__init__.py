"""The provider's steps. They never import each other: they meet in rows of the database, as in reality."""
