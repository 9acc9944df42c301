"""Who may call, and for which application? The tokens and codes that are accepted. Pure."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from attrs import field, frozen

from pushwoosh_async.sandbox.refusal import RefusedError

_NOT_SET = "API token or application is not set"


@frozen
class Account:
    """The tokens and the codes that are accepted. All refusals are texts on record [api.md 3]."""

    token: str = field(repr=False)
    device_token: str = field(repr=False)
    applications: Collection[str]
    applications_groups: Collection[str]

    def check_token(self, request: Mapping[str, Any]) -> None:
        """Check the API token that lies in a request.

        Raises:
            RefusedError: it is missing, or another.
        """
        token = request.get("auth")
        if not token:
            raise RefusedError(_NOT_SET)
        if token != self.token:
            raise RefusedError("Account not found")

    def application(self, request: Mapping[str, Any]) -> str:
        """Return the application of a request that must name one.

        Raises:
            RefusedError: it names none, or one that is not accepted.
        """
        application = request.get("application")
        if not application:
            raise RefusedError(_NOT_SET)
        return _known(application, self.applications)

    def check_applications(self, codes: Iterable[str]) -> None:
        """Check the applications that a filter names.

        What the vendor does with one that is not the account's is unknown; refused here, a wrong code
        is not mistaken for a set that happens to be empty.

        Raises:
            RefusedError: one is not accepted.
        """
        for code in codes:
            _known(code, self.applications)

    def application_or_group(self, request: Mapping[str, Any]) -> str:
        """Check the token in a request, and return the application or the group it names.

        Raises:
            RefusedError: the token, or that both or neither or unknown ones are named.
        """
        application, group = request.get("application"), request.get("applications_group")
        if not (application or group):
            raise RefusedError(_NOT_SET)
        self.check_token(request)
        if application and group:
            raise RefusedError('Use either "application" or "applications_group".')
        if application:
            return _known(application, self.applications)
        return _known(group, self.applications_groups)


def _known(code: object, codes: Collection[str]) -> str:
    if not isinstance(code, str) or code not in codes:
        raise RefusedError("Application not found")
    return code
