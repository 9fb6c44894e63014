"""Small pieces of a listing page."""

from waypost.listing import Listing
from waypost.paging import Page, page, page_count
from waypost.retrying import retries_until
from waypost.slugs import slug
from waypost.spans import merge
from waypost.summaries import summary

__all__ = ["Listing", "Page", "merge", "page", "page_count", "retries_until", "slug", "summary"]
