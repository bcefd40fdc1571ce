"""Where moto 5.2 answers otherwise than AWS does and the provider takes notice.

Without these, a second plan of an unchanged environment shows updates that the real account would not show,
and a distribution can be deleted while it still serves. Each correction replaces one answer and says what the
real service does.
"""

import json
from functools import wraps


def correct_moto() -> None:
    """Put all corrections into the moto of this process."""
    _queue_policies_are_compact()
    _only_serverless_v1_clusters_scale_by_configuration()
    _automated_snapshots_go_with_their_cluster()
    _origins_keep_their_access_control()
    _behaviours_have_a_cache_policy_or_forwarded_values()
    _certificates_replace_the_default_one()
    _enabled_distributions_cannot_be_deleted()


def _queue_policies_are_compact() -> None:
    """SQS hands a redrive policy back as it was given; Terraform's `jsonencode` writes no spaces."""
    from moto.sqs.models import Queue

    original = Queue.attributes.fget

    def attributes(self):
        result = original(self)
        if result.get("RedrivePolicy"):
            result["RedrivePolicy"] = json.dumps(json.loads(result["RedrivePolicy"]), separators=(",", ":"))
        return result

    Queue.attributes = property(attributes)


def _only_serverless_v1_clusters_scale_by_configuration() -> None:
    """`ScalingConfigurationInfo` is "for an Aurora DB cluster in serverless DB engine mode", which v2 is not.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBCluster.html
    """
    from moto.rds.models import DBCluster

    original = DBCluster.scaling_configuration_info.fget
    DBCluster.scaling_configuration_info = property(
        lambda self: original(self) if self.engine_mode == "serverless" else None
    )


def _automated_snapshots_go_with_their_cluster() -> None:
    """ "All automated backups for that DB cluster are deleted"; manual snapshots stay.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBCluster.html
    """
    from moto.rds.models import RDSBackend

    original = RDSBackend.delete_db_cluster

    @wraps(original)
    def delete_db_cluster(self, cluster_identifier, *args, **kwargs):
        automated = self.describe_db_cluster_snapshots(cluster_identifier, None, snapshot_type="automated")
        deleted = original(self, cluster_identifier, *args, **kwargs)
        for snapshot in automated:
            self.cluster_snapshots.pop(snapshot.db_cluster_snapshot_identifier)
        return deleted

    RDSBackend.delete_db_cluster = delete_db_cluster


def _origins_keep_their_access_control() -> None:
    """https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Origin.html"""
    from moto.cloudfront.models import Origin

    original = Origin.__init__

    @wraps(original)
    def init(self, origin):
        original(self, origin)
        self.origin_access_control_id = origin.get("OriginAccessControlId") or ""

    Origin.__init__ = init


def _behaviours_have_a_cache_policy_or_forwarded_values() -> None:
    """A behaviour must include one of the two and cannot include both; the TTLs go with the latter.

    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CacheBehavior.html
    """
    from moto.cloudfront.models import DefaultCacheBehaviour

    original = DefaultCacheBehaviour.__init__

    @wraps(original)
    def init(self, config):
        original(self, config)
        if config.get("CachePolicyId"):
            self.forwarded_values = None
            self.min_ttl = self.default_ttl = self.max_ttl = None

    DefaultCacheBehaviour.__init__ = init


def _certificates_replace_the_default_one() -> None:
    """https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ViewerCertificate.html"""
    from moto.cloudfront.models import ViewerCertificate

    original = ViewerCertificate.__init__

    @wraps(original)
    def init(self, config):
        original(self, config)
        if config.get("ACMCertificateArn") or config.get("IAMCertificateId"):
            self.cloud_front_default_certificate = False

    ViewerCertificate.__init__ = init


def _enabled_distributions_cannot_be_deleted() -> None:
    """Disable, wait until that is deployed, delete. An update puts a distribution back to `InProgress`.

    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DeleteDistribution.html
    """
    from moto.cloudfront.exceptions import CloudFrontException
    from moto.cloudfront.models import CloudFrontBackend

    delete, update = CloudFrontBackend.delete_distribution, CloudFrontBackend.update_distribution

    @wraps(delete)
    def delete_distribution(self, distribution_id, if_match):
        distribution = self.distributions.get(distribution_id)
        if distribution and (distribution.Enabled or distribution.status != "Deployed"):
            raise CloudFrontException(
                "DistributionNotDisabled", "The distribution you are trying to delete has not been disabled."
            )
        delete(self, distribution_id, if_match)

    @wraps(update)
    def update_distribution(self, dist_config, _id, if_match):
        distribution, location, etag = update(self, dist_config, _id, if_match)
        distribution.status, distribution._tick = "InProgress", 0
        return distribution, location, etag

    CloudFrontBackend.delete_distribution = delete_distribution
    CloudFrontBackend.update_distribution = update_distribution
