"""What pages and the API show, as values: one module a page. Queries in `store.views` fill them."""
