"""What GitHub tells the App itself: installations, their repositories, deliveries that failed."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from gatekeeper import hosted
from gatekeeper.forge import clients, permissions, reading, tokens

_MOST_PAGES = 1000


class App:
    """Implements the workflows' `App`: through the broker, for it takes the App's own key."""

    def __init__(self, broker: tokens.Tokens, made: clients.Clients) -> None:
        """Ask `broker`, and GitHub with an installation's token where that will do."""
        self._broker = broker
        self._clients = made

    def installations(self) -> Sequence[hosted.Installed]:
        """Return every installation."""
        return self._broker.installations()

    def repositories(self, installation: int) -> Iterator[hosted.Place]:
        """Yield every repository of the installation."""
        asked = self._clients.installation(installation, permissions.REPOSITORIES)
        for page in asked.pages("/installation/repositories", most=_MOST_PAGES):
            for data in reading.entries(page, "repositories"):
                yield hosted.Place(
                    installation=installation,
                    repository=reading.number(data, "id"),
                    name=reading.text(data, "full_name"),
                )

    def failed_deliveries(self, since: datetime) -> Sequence[hosted.FailedDelivery]:
        """Return deliveries after `since` none of whose attempts succeeded, oldest first."""
        return self._broker.failed_deliveries(since)

    def redeliver(self, delivery: int) -> None:
        """Ask GitHub to deliver it again."""
        self._broker.redeliver(delivery)
