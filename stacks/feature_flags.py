"""The CDK's behaviour switches, in code: `python app.py` and `cdk synth` must agree (design D1).

A flag changes templates, so changing one is a reviewed deployment; a test compares this table
with what the pinned aws-cdk-lib recommends.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

DEPARTURES: Final[Mapping[str, object]] = MappingProxyType(
    {
        # Recommended is "weak", which renders an intrinsic that CloudFormation itself is not
        # known to resolve; ours only cross to things that are never replaced (style rule 10).
        "@aws-cdk/core:defaultCrossStackReferences": "strong",
        # Collects what constructs are used with, for analytics, which are off.
        "@aws-cdk/core:enableAdditionalMetadataCollection": False,
        # With it one environment's error would end the synth of all of them; as metadata of a
        # stack it stops the CLI at exactly the stacks that carry it (stacks/provenance.py).
        "@aws-cdk/core:annotationsInValidationReport": False,
    }
)

CLI_DEFAULTS: Final[Mapping[str, object]] = MappingProxyType(
    {
        # What the CLI passes to every app, so that a synth without it writes the same templates.
        "aws:cdk:enable-path-metadata": True,
        "aws:cdk:enable-asset-metadata": True,
    }
)

VALIDATION: Final[Mapping[str, object]] = MappingProxyType(
    {
        # The CLI tells the app to let findings pass, and then looks only at those of the stacks
        # it was asked for: `cdk synth` would succeed with findings in every environment.
        "@aws-cdk/core:failSynthOnValidationErrors": True,
        # Raise the findings; the alternative prints them and sets the exit code of jsii's Node,
        # of which Python hears nothing.
        "@aws-cdk/core:appMode": "inmemory",
    }
)

# The two long lines are the CDK's names.
RECOMMENDED: Final[Mapping[str, object]] = MappingProxyType(
    {
        "@aws-cdk-containers/ecs-service-extensions:enableDefaultLogDriver": True,
        "@aws-cdk/aws-apigateway:authorizerChangeDeploymentLogicalId": True,
        "@aws-cdk/aws-apigateway:disableCloudWatchRole": True,
        "@aws-cdk/aws-apigateway:logGroupDestinationArnWithoutWildcard": True,
        "@aws-cdk/aws-apigateway:requestValidatorUniqueId": True,
        "@aws-cdk/aws-appsync:appSyncGraphQLAPIScopeLambdaPermission": True,
        "@aws-cdk/aws-appsync:useArnForSourceApiAssociationIdentifier": True,
        "@aws-cdk/aws-autoscaling:generateLaunchTemplateInsteadOfLaunchConfig": True,
        "@aws-cdk/aws-batch:defaultToAL2023": True,
        "@aws-cdk/aws-cloudfront:defaultFunctionRuntimeV2_0": True,
        "@aws-cdk/aws-cloudfront:defaultViewerProtocolPolicyRedirectToHttps": True,
        "@aws-cdk/aws-cloudwatch-actions:changeLambdaPermissionLogicalIdForLambdaAction": True,
        "@aws-cdk/aws-codedeploy:removeAlarmsFromDeploymentGroup": True,
        "@aws-cdk/aws-codepipeline-actions:useNewDefaultBranchForCodeCommitSource": True,
        "@aws-cdk/aws-codepipeline:crossAccountKeyAliasStackSafeResourceName": True,
        "@aws-cdk/aws-codepipeline:crossAccountKeysDefaultValueToFalse": True,
        "@aws-cdk/aws-codepipeline:defaultPipelineTypeToV2": True,
        "@aws-cdk/aws-dynamodb:resourcePolicyPerReplica": True,
        "@aws-cdk/aws-dynamodb:retainTableReplica": True,
        "@aws-cdk/aws-ec2:bastionHostUseAmazonLinux2023ByDefault": True,
        "@aws-cdk/aws-ec2:ebsDefaultGp3Volume": True,
        "@aws-cdk/aws-ec2:ec2SumTImeoutEnabled": True,
        "@aws-cdk/aws-ec2:launchTemplateDefaultUserData": True,
        "@aws-cdk/aws-ec2:requirePrivateSubnetsForEgressOnlyInternetGateway": True,
        "@aws-cdk/aws-ec2:restrictDefaultSecurityGroup": True,
        "@aws-cdk/aws-ec2:uniqueImdsv2TemplateName": True,
        "@aws-cdk/aws-ecs-patterns:secGroupsDisablesImplicitOpenListener": True,
        "@aws-cdk/aws-ecs-patterns:uniqueTargetGroupId": True,
        "@aws-cdk/aws-ecs:arnFormatIncludesClusterName": True,
        "@aws-cdk/aws-ecs:disableExplicitDeploymentControllerForCircuitBreaker": True,
        "@aws-cdk/aws-ecs:reduceEc2FargateCloudWatchPermissions": True,
        "@aws-cdk/aws-ecs:removeDefaultDeploymentAlarm": True,
        "@aws-cdk/aws-ecs:removeEmptyLoadBalancers": True,
        "@aws-cdk/aws-efs:denyAnonymousAccess": True,
        "@aws-cdk/aws-efs:mountTargetOrderInsensitiveLogicalId": True,
        "@aws-cdk/aws-eks:defaultToAL2023": True,
        "@aws-cdk/aws-eks:nodegroupNameAttribute": True,
        "@aws-cdk/aws-eks:useNativeOidcProvider": True,
        "@aws-cdk/aws-elasticloadbalancingV2:albDualstackWithoutPublicIpv4SecurityGroupRulesDefault": True,  # noqa: E501
        "@aws-cdk/aws-elasticloadbalancingv2:networkLoadBalancerWithSecurityGroupByDefault": True,
        "@aws-cdk/aws-elasticloadbalancingv2:usePostQuantumTlsPolicy": True,
        "@aws-cdk/aws-events:eventsTargetQueueSameAccount": True,
        "@aws-cdk/aws-events:requireEventBusPolicySid": True,
        "@aws-cdk/aws-iam:importedRoleStackSafeDefaultPolicyName": True,
        "@aws-cdk/aws-iam:minimizePolicies": True,
        "@aws-cdk/aws-iam:oidcRejectUnauthorizedConnections": True,
        "@aws-cdk/aws-kms:aliasNameRef": True,
        "@aws-cdk/aws-kms:applyImportedAliasPermissionsToPrincipal": True,
        "@aws-cdk/aws-kms:reduceCrossAccountRegionPolicyScope": True,
        "@aws-cdk/aws-lambda-nodejs:sdkV3ExcludeSmithyPackages": True,
        "@aws-cdk/aws-lambda-nodejs:useLatestRuntimeVersion": True,
        "@aws-cdk/aws-lambda:createNewPoliciesWithAddToRolePolicy": False,
        "@aws-cdk/aws-lambda:recognizeLayerVersion": True,
        "@aws-cdk/aws-lambda:useCdkManagedLogGroup": True,
        "@aws-cdk/aws-opensearchservice:enableOpensearchMultiAzWithStandby": True,
        "@aws-cdk/aws-rds:auroraClusterChangeScopeOfInstanceParameterGroupWithEachParameters": True,
        "@aws-cdk/aws-rds:databaseProxyUniqueResourceName": True,
        "@aws-cdk/aws-rds:preventRenderingDeprecatedCredentials": True,
        "@aws-cdk/aws-rds:setCorrectValueForDatabaseInstanceReadReplicaInstanceResourceId": True,
        "@aws-cdk/aws-redshift:columnId": True,
        "@aws-cdk/aws-route53-patterns:useDistribution": True,
        "@aws-cdk/aws-route53-patters:useCertificate": True,
        "@aws-cdk/aws-route53-targets:userPoolDomainNameMethodWithoutCustomResource": True,
        "@aws-cdk/aws-s3:createDefaultLoggingPolicy": True,
        "@aws-cdk/aws-s3:keepNotificationInImportedBucket": False,
        "@aws-cdk/aws-s3:publicAccessBlockedByDefault": True,
        "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": True,
        "@aws-cdk/aws-s3:setUniqueReplicationRoleName": True,
        "@aws-cdk/aws-secretsmanager:useAttachedSecretResourcePolicyForSecretTargetAttachments": True,  # noqa: E501
        "@aws-cdk/aws-signer:signingProfileNamePassedToCfn": True,
        "@aws-cdk/aws-sns-subscriptions:restrictSqsDescryption": True,
        "@aws-cdk/aws-stepfunctions-tasks:enableEmrServicePolicyV2": True,
        "@aws-cdk/aws-stepfunctions-tasks:fixRunEcsTaskPolicy": True,
        "@aws-cdk/aws-stepfunctions:useDistributedMapResultWriterV2": True,
        "@aws-cdk/core:aspectPrioritiesMutating": True,
        "@aws-cdk/core:cfnIncludeRejectComplexResourceUpdateCreatePolicyIntrinsics": True,
        "@aws-cdk/core:checkSecretUsage": True,
        "@aws-cdk/core:enablePartitionLiterals": True,
        "@aws-cdk/core:explicitStackTags": True,
        "@aws-cdk/core:includePrefixInUniqueNameGeneration": True,
        "@aws-cdk/core:target-partitions": ["aws", "aws-cn"],
        "@aws-cdk/core:validateAgainstDefaultRules": True,
        "@aws-cdk/core:validateSnapshotRemovalPolicy": True,
        "@aws-cdk/custom-resources:logApiResponseDataPropertyTrueDefault": False,
        "@aws-cdk/customresources:installLatestAwsSdkDefault": False,
        "@aws-cdk/s3-notifications:addS3TrustKeyPolicyForSnsSubscriptions": True,
    }
)

FEATURE_FLAGS: Final[Mapping[str, object]] = MappingProxyType(
    {**RECOMMENDED, **DEPARTURES, **CLI_DEFAULTS}
)
