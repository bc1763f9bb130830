"""What outlives everything else: the datasets, the model artifacts, and who touched them."""

from aws_cdk import CfnOutput
from constructs import Construct

from config import outputs, prefixes
from config.capture import CaptureSettings
from config.promotion import Promotion
from config.settings import Settings
from stacks.parts.store import Store
from stacks.stack import EnvironmentStack

# Accesses of the last year answer who read or replaced what.
_ACCESS_LOG_DAYS = 365
# An object deleted by mistake is missed within a quarter, if ever.
_RECOVERABLE_DAYS = 90


class DataStack(EnvironmentStack):
    """Three buckets for the environment's data, one for the log of their accesses."""

    def __init__(
        self, scope: Construct, id_: str, *, settings: Settings, promotion: Promotion
    ) -> None:
        super().__init__(
            scope,
            id_,
            settings=settings,
            description="Darkroom: datasets, models, captured traffic; the log of accesses to them",
        )
        # Not versioned: only the logging service writes here, each object once, and only under
        # S3's own key.
        access_logs = Store(
            self, "AccessLogs", access_logs=None, expire_after_days=_ACCESS_LOG_DAYS
        )
        # Versioned: labelled photos are people's work, and cannot be computed again.
        self.datasets = Store(
            self,
            "Datasets",
            access_logs=access_logs.bucket,
            recoverable_days=_RECOVERABLE_DAYS,
            own_key=settings.customer_managed_keys,
        )
        # Versioned: a live endpoint reads its model again whenever it scales out (facts D.3).
        self.artifacts = Store(
            self,
            "Artifacts",
            access_logs=access_logs.bucket,
            recoverable_days=_RECOVERABLE_DAYS,
            own_key=settings.customer_managed_keys,
        )
        if promotion.reader_accounts:
            self.artifacts.share(promotion.reader_accounts, prefixes.MODELS)
        # Not versioned: these are other people's photos, and deleted has to mean gone. The bucket
        # stays when capture is switched off, and so does the rule that empties it.
        self.captured = Store(
            self,
            "Capture",
            access_logs=access_logs.bucket,
            expire_after_days=(settings.capture or CaptureSettings()).retention_days,
            own_key=settings.customer_managed_keys,
        )
        # Serving uses both exactly while capture is on; an export that came and went with it could
        # not be taken away while Serving, which is deployed later, still has it.
        self.export_value(self.captured.bucket.bucket_arn)
        self.export_value(self.captured.bucket.bucket_name)
        if self.captured.key is not None:
            self.export_value(self.captured.key.key_arn)
        CfnOutput(self, outputs.DATASETS_BUCKET, value=self.datasets.bucket.bucket_name)
        CfnOutput(self, outputs.ARTIFACTS_BUCKET, value=self.artifacts.bucket.bucket_name)
        CfnOutput(self, outputs.CAPTURE_BUCKET, value=self.captured.bucket.bucket_name)
        CfnOutput(self, outputs.ACCESS_LOGS_BUCKET, value=access_logs.bucket.bucket_name)
