"""Create the bucket and the two roles of docs/runners.md: `python .ci/aws_setup.py BUCKET OWNER/REPOSITORY REGION`.

Run it once with the credentials of an administrator; another run restores all settings. Pull requests and GPU jobs take
the role that reads. Only the last step of main's GPU job takes the role that writes.
"""

import json
import re
import sys
from contextlib import suppress
from typing import Any

import boto3

PROVIDER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
SUBJECTS = {"read": ["pull_request", "environment:gpu-pull-request", "environment:gpu"], "write": ["environment:gpu"]}
"""Role -> jobs that may take it. GitHub's token names the environment of a job, or else the event that started it."""
ACTIONS = {
    "read": {"s3:ListBucket": "", "s3:GetObject": "/*"},
    "write": {"s3:ListBucket": "", "s3:GetObject": "/*", "s3:PutObject": "/*"},
}
"""Role -> action -> part of the bucket. No role can delete; an overwritten object keeps its old version."""
HOURS = {"read": 12, "write": 1}
"""Role -> lifetime of its credentials; a training reads until its end."""


def trust(account: str, repository: str, role: str) -> dict[str, Any]:
    """Return the trust policy of a role: the jobs that may take it."""
    claims = {f"{PROVIDER}:aud": AUDIENCE, f"{PROVIDER}:sub": [f"repo:{repository}:{job}" for job in SUBJECTS[role]]}
    provider = {"Federated": f"arn:aws:iam::{account}:oidc-provider/{PROVIDER}"}
    return _policy(Principal=provider, Action="sts:AssumeRoleWithWebIdentity", Condition={"StringEquals": claims})


def rights(bucket: str, role: str) -> dict[str, Any]:
    """Return the permission policy of a role: its actions on the bucket."""
    statements = [{"Action": action, "Resource": f"arn:aws:s3:::{bucket}{on}"} for action, on in ACTIONS[role].items()]
    return _policy(*statements)


def _policy(*statements: dict[str, Any], **statement: Any) -> dict[str, Any]:
    allowed = [{"Effect": "Allow", **each} for each in statements or [statement]]
    return {"Version": "2012-10-17", "Statement": allowed}


def make_bucket(bucket: str, region: str) -> None:
    """Create a private bucket that keeps replaced objects for thirty days."""
    s3 = boto3.client("s3", region_name=region)
    # AWS refuses a location for us-east-1, its default.
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=bucket, **place)
    closed = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=dict.fromkeys(closed, True))
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    rule = {
        "ID": "old versions", "Status": "Enabled", "Filter": {},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }  # fmt: skip
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})


def make_role(bucket: str, repository: str, role: str) -> str:
    """Create a role or set its policies again; return its ARN."""
    iam, name = boto3.client("iam"), f"gradus-{role}"
    account = boto3.client("sts").get_caller_identity()["Account"]
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_open_id_connect_provider(Url=f"https://{PROVIDER}", ClientIDList=[AUDIENCE])
    policy = json.dumps(trust(account, repository, role))
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy)
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=policy)
    iam.update_role(RoleName=name, MaxSessionDuration=HOURS[role] * 3600)
    iam.put_role_policy(RoleName=name, PolicyName="bucket", PolicyDocument=json.dumps(rights(bucket, role)))
    return str(iam.get_role(RoleName=name)["Role"]["Arn"])


def main(bucket: str, repository: str, region: str) -> None:
    """Create the bucket and the roles; print the variables for the repository."""
    if not re.fullmatch(r"[A-Za-z0-9-]+(@\d+)?/[A-Za-z0-9._-]+(@\d+)?", repository):
        sys.exit(f"REPOSITORY: expected OWNER/NAME or OWNER@NUMBER/NAME@NUMBER, found {repository!r}; correct it")
    make_bucket(bucket, region)
    print(f"AWS_REGION={region}")
    for role in SUBJECTS:
        print(f"AWS_ROLE_{role.upper()}={make_role(bucket, repository, role)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
