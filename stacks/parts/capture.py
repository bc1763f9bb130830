"""Data capture: what an endpoint keeps of its traffic, and where (facts C.7)."""

from collections.abc import Iterable

from aws_cdk import aws_sagemaker as sagemaker

from config import prefixes
from config.capture import CaptureSettings
from stacks.parts.store import Store

_Config = sagemaker.CfnEndpointConfig


def data_capture(
    settings: CaptureSettings, captured: Store
) -> sagemaker.CfnEndpointConfig.DataCaptureConfigProperty:
    """Below `capture/<endpoint>/<variant>/` of the bucket; SageMaker adds what follows."""
    modes = {"Input": settings.request, "Output": settings.response}
    return _Config.DataCaptureConfigProperty(
        enable_capture=True,
        initial_sampling_percentage=settings.sampled_percent,
        destination_s3_uri=captured.bucket.s3_url_for_object(prefixes.CAPTURE),
        capture_options=[
            _Config.CaptureOptionProperty(capture_mode=mode)
            for mode, wanted in modes.items()
            if wanted
        ],
        capture_content_type_header=_Config.CaptureContentTypeHeaderProperty(
            json_content_types=_listed(settings.json_content_types),
            csv_content_types=_listed(settings.csv_content_types),
        ),
    )


def _listed(content_types: Iterable[str]) -> list[str] | None:
    # SageMaker refuses an empty list.
    return list(content_types) or None
