"""An error of the AWS SDK as one line: what failed, where, and what to do."""

from typing import Final
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

_EXPIRED: Final = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_UNKNOWN_CALLER: Final = {
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "AuthFailure",
}
_DENIED: Final = {"403", "AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
_NO_CREDENTIALS: Final = {
    "NoCredentialsError",
    "PartialCredentialsError",
    "CredentialRetrievalError",
}
_NO_CONNECTION: Final = {
    "EndpointConnectionError",
    "ConnectTimeoutError",
    "ConnectionClosedError",
    "ReadTimeoutError",
}


_WRONG_PORT: Final = (
    'if the local cloud runs on another port, aim at it with: eval "$(darkroom local env)"'
)


def code_of(error: ClientError) -> str:
    """The service's error code, or nothing."""
    return str(error.response.get("Error", {}).get("Code", ""))


def is_denied(error: ClientError) -> bool:
    """Whether a permission is missing; the answer to a HEAD says no more than its status."""
    return code_of(error) in _DENIED


def explain(error: BotoCoreError | ClientError | ResponseParserError, where: str = "AWS") -> str:
    """The line for an error met in `where`, for example `environment dev`."""
    if isinstance(error, ResponseParserError):
        return f"what answers for {where} is no AWS service; {_WRONG_PORT}"
    if isinstance(error, ClientError):
        return _explain_answer(error, where)
    return _explain_silence(error, where)


def _explain_answer(error: ClientError, where: str) -> str:
    code = code_of(error)
    message = " ".join(str(error).split())
    if code.isdigit() and "<" in message:  # a status and a page: no service of AWS's answers so
        return f"what answers for {where} is no AWS service ({code}); {_WRONG_PORT}"
    if code in _EXPIRED:
        return f"the AWS credentials for {where} have expired ({code}); sign in again"
    if code in _UNKNOWN_CALLER:
        return f"the AWS credentials for {where} are not accepted ({code}); sign in again"
    if code in _DENIED:
        return f"not allowed in {where}: {message}; ask for the permission it names"
    return message


def _explain_silence(error: BotoCoreError, where: str) -> str:
    """For errors of the client side: no service answered."""
    kind = type(error).__name__
    url = str(getattr(error, "kwargs", {}).get("endpoint_url", "the endpoint"))
    text = " ".join(str(error).split())
    if kind in _NO_CREDENTIALS:
        return (
            f"no AWS credentials found for {where}; sign in (for example `aws sso login`) "
            "or set AWS_PROFILE, and repeat"
        )
    if kind == "ProfileNotFound":
        return f"{text}; set AWS_PROFILE to a profile of your AWS configuration"
    if "SSO" in kind or "Token" in kind or kind == "LoginRefreshRequired":
        return f"the sign-in for {where} is over: {text}; sign in again (`aws sso login`)"
    if kind in _NO_CONNECTION and _is_loopback(url):
        from scripts.local import running_url  # which takes a moment, and is seldom needed

        elsewhere = running_url()
        if elsewhere is not None and urlsplit(elsewhere).port != urlsplit(url).port:
            aim = 'eval "$(darkroom local env)"'
            return f"nothing answers at {url}; the local cloud runs at {elsewhere}: {aim}"
        return f"nothing answers at {url}; start the local cloud with `darkroom local up`"
    if kind in _NO_CONNECTION:
        return f"nothing answers at {url}; check the network and the region, and repeat"
    if kind in {"ProxyConnectionError", "SSLError"}:
        return f"{text}; check HTTPS_PROXY, NO_PROXY and AWS_CA_BUNDLE, and repeat"
    return text


def _is_loopback(url: str) -> bool:
    return any(host in url for host in ("//127.0.0.1", "//localhost", "//[::1]"))
