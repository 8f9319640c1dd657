"""Make the bucket and the two roles of docs/runners.md: `python .ci/aws_setup.py BUCKET OWNER/REPOSITORY REGION`.

For a person with an administrator's credentials, once; a second run puts everything right again. The role that reads
is for pull requests and for GPU jobs before they run, the role that writes for the end of main's GPU job alone.
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
"""Role -> the jobs that may take it; in its token GitHub names a job's environment, or else the event."""
ACTIONS = {
    "read": {"s3:ListBucket": "", "s3:GetObject": "/*"},
    "write": {"s3:ListBucket": "", "s3:GetObject": "/*", "s3:PutObject": "/*"},
}
"""Role -> action -> what of the bucket it is for. Nobody deletes: an overwritten object keeps its old version."""
HOURS = {"read": 12, "write": 1}
"""Role -> how long its credentials are good; a training reads all along."""


def trust(account: str, repository: str, role: str) -> dict[str, Any]:
    """Return the policy that says which jobs may take a role."""
    said = {f"{PROVIDER}:aud": AUDIENCE, f"{PROVIDER}:sub": [f"repo:{repository}:{job}" for job in SUBJECTS[role]]}
    provider = {"Federated": f"arn:aws:iam::{account}:oidc-provider/{PROVIDER}"}
    return _policy(Principal=provider, Action="sts:AssumeRoleWithWebIdentity", Condition={"StringEquals": said})


def rights(bucket: str, role: str) -> dict[str, Any]:
    """Return the policy that says what a role may do."""
    statements = [{"Action": action, "Resource": f"arn:aws:s3:::{bucket}{on}"} for action, on in ACTIONS[role].items()]
    return _policy(*statements)


def _policy(*statements: dict[str, Any], **statement: Any) -> dict[str, Any]:
    allowed = [{"Effect": "Allow", **each} for each in statements or [statement]]
    return {"Version": "2012-10-17", "Statement": allowed}


def make_bucket(bucket: str, region: str) -> None:
    """Make a private bucket that keeps replaced objects for thirty days."""
    s3 = boto3.client("s3", region_name=region)
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
    """Make a role, or set its policies again; return its ARN."""
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
    """Make all, and print the repository's variables."""
    if not re.fullmatch(r"[A-Za-z0-9-]+(@\d+)?/[A-Za-z0-9._-]+(@\d+)?", repository):
        sys.exit(f"{repository}: expected OWNER/REPOSITORY, or OWNER@NUMBER/REPOSITORY@NUMBER")
    make_bucket(bucket, region)
    print(f"AWS_REGION={region}")
    for role in SUBJECTS:
        print(f"AWS_ROLE_{role.upper()}={make_role(bucket, repository, role)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
