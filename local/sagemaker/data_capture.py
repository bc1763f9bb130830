"""DataCaptureConfig: what a configuration may ask to be kept of its traffic (facts sheet C.7)."""

from typing import Any

from local.instance.s3 import ObjectUri
from local.sagemaker.errors import invalid
from local.sagemaker.records import Capture

INPUT, OUTPUT, BOTH = "Input", "Output", "InputAndOutput"


def capture_of(request: dict[str, Any]) -> Capture | None:
    """What CreateEndpointConfig's DataCaptureConfig means; None where there is none."""
    config = request.get("DataCaptureConfig")
    if config is None:
        return None
    modes = {option["CaptureMode"] for option in config["CaptureOptions"]}
    header = config.get("CaptureContentTypeHeader", {})
    return Capture(
        enabled=config.get("EnableCapture", True),
        sampled_percent=config["InitialSamplingPercentage"],
        destination=config["DestinationS3Uri"],
        input=bool(modes & {INPUT, BOTH}),
        output=bool(modes & {OUTPUT, BOTH}),
        json_content_types=list(header.get("JsonContentTypes", ())),
        csv_content_types=list(header.get("CsvContentTypes", ())),
        kms_key_id=config.get("KmsKeyId") or None,
    )


def check(request: dict[str, Any]) -> None:
    """Raises ApiError for a DataCaptureConfig that cannot be honoured."""
    config = request.get("DataCaptureConfig")
    if config is None:
        return
    if any("ServerlessConfig" in variant for variant in request["ProductionVariants"]):
        raise invalid("DataCaptureConfig is not supported with a serverless variant.")
    try:
        ObjectUri.parse(config["DestinationS3Uri"])
    except ValueError as error:
        raise invalid(f"Invalid DestinationS3Uri: {error}.") from None


def summary(capture: Capture) -> dict[str, Any]:
    """DataCaptureConfig as DescribeEndpoint shows it."""
    return {
        "EnableCapture": capture.enabled,
        "CaptureStatus": "Started" if capture.enabled else "Stopped",
        "CurrentSamplingPercentage": capture.sampled_percent,
        "DestinationS3Uri": capture.destination,
        "KmsKeyId": capture.kms_key_id or "",
    }
