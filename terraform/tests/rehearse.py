"""Plans environments/dev and applies tests/rehearsal against moto's server, a local double of AWS.

    uvx --from 'moto[server]==5.2.5' --with boto3 python terraform/tests/rehearse.py [--plugin-dir DIR]

Works on a copy of terraform/ in a temporary folder, where an override file points the provider at the double.
"""

import argparse
import json
import logging
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SERVICES = (
    "autoscaling",
    "budgets",
    "cloudwatch",
    "ec2",
    "ecr",
    "eks",
    "elasticache",
    "iam",
    "kms",
    "logs",
    "rds",
    "s3",
    "secretsmanager",
    "sns",
    "sts",
)
# Of these the double does not tell everything that it was told.
FORGOTTEN = {
    "module.database.aws_db_parameter_group.this",
    "module.database.aws_vpc_security_group_ingress_rule.clients",
}
VARIABLES = {
    "account_id": "123456789012",
    "administrators": ["arn:aws:iam::123456789012:role/platform-admin"],
    "emails": ["platform@example.com"],
    "public_endpoint_cidrs": ["198.51.100.0/24"],
}


def override(url: str, alias: str | None = None) -> str:
    """The provider's block that sends every call to ``url``."""
    endpoints = "\n".join(f'    {service} = "{url}"' for service in SERVICES)
    return f"""provider "aws" {{
{f'  alias = "{alias}"' if alias else ""}
  region                      = "us-east-1"
  access_key                  = "double"
  secret_key                  = "double"
  max_retries                 = 1
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  endpoints {{
{endpoints}
  }}
}}
"""


class Root:
    """A root module of the copy, run by Terraform against the double."""

    def __init__(self, folder: Path, init: list[str]) -> None:
        self.folder = folder
        self.terraform("init", "-input=false", *init)

    def terraform(self, *arguments: str, expect: int = 0) -> str:
        """Runs Terraform and returns its output; stops the rehearsal on another exit status than expected."""
        done = subprocess.run(
            ["terraform", f"-chdir={self.folder}", *arguments, "-no-color"],
            capture_output=True,
            text=True,
            timeout=600,
        )
        if done.returncode != expect:
            sys.exit(
                f"terraform {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        return done.stdout


def plan_dev(copy: Path, url: str, init: list[str]) -> None:
    """Plans all of environments/dev."""
    folder = copy / "environments" / "dev"
    backend = 'terraform {\n  backend "local" {}\n}\n'
    (folder / "double_override.tf").write_text(backend + override(url) + override(url, "passwords"))
    (folder / "terraform.tfvars.json").write_text(json.dumps(VARIABLES))
    output = Root(folder, init).terraform("plan", "-input=false")
    print("environments/dev:", summary(output, r"Plan: .*"))


def apply_rehearsal(copy: Path, url: str, init: list[str]) -> None:
    """Applies what the double covers, finds nothing left to change, renews the password, and tears down."""
    folder = copy / "tests" / "rehearsal"
    (folder / "double.tf").write_text(override(url))
    root = Root(folder, init)
    print("rehearsal:", summary(root.terraform("apply", "-auto-approve"), r"Apply complete! .*"))
    first = database_url(url)
    host = root.terraform("output", "-raw", "database_host")
    if not re.fullmatch(
        rf"postgresql://plotlot:\w{{40}}@{re.escape(host)}:5432/plotlot\?sslmode=require", first
    ):
        sys.exit("the secret does not hold the address of the database")
    if first.split("@")[0].split(":")[2] in (folder / "terraform.tfstate").read_text():
        sys.exit("the state holds the password")
    if changed := changes(root) - FORGOTTEN:
        sys.exit(f"a second plan would change {sorted(changed)}")
    print("rehearsal: a second plan is empty, the secret leads to the host, the state has no password")
    root.terraform("apply", "-auto-approve", "-var=password_version=2")
    if database_url(url) == first:
        sys.exit("a new version did not renew the password")
    print("rehearsal: a new version renews the password")
    print("rehearsal:", summary(root.terraform("destroy", "-auto-approve"), r"Destroy complete! .*"))


def changes(root: Root) -> set[str]:
    """The addresses that the next apply would change."""
    root.terraform("plan", "-out=plan")
    planned = json.loads(root.terraform("show", "-json", "plan"))["resource_changes"]
    return {
        change["address"] for change in planned if change["change"]["actions"] not in (["no-op"], ["read"])
    }


def database_url(url: str) -> str:
    """What the double's Secrets Manager holds for the chart."""
    import boto3

    secrets = boto3.client(
        "secretsmanager", "us-east-1", endpoint_url=url, aws_access_key_id="x", aws_secret_access_key="x"
    )
    return str(secrets.get_secret_value(SecretId="plotlot/rehearsal/database-url")["SecretString"])


def summary(output: str, pattern: str) -> str:
    """The line of Terraform's output that counts."""
    found = re.search(pattern, output)
    return found.group(0) if found else sys.exit(f"no {pattern!r} in:\n{output}")


def main() -> None:
    """Starts the double on a free port, and rehearses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plugin-dir", help="folder of providers, where there is no registry")
    plugin_dir = parser.parse_args().plugin_dir
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    address, port = server.get_host_and_port()
    url = f"http://{'127.0.0.1' if address == '0.0.0.0' else address}:{port}"
    init = [f"-plugin-dir={plugin_dir}"] if plugin_dir else []
    try:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "terraform"
            shutil.copytree(
                Path(__file__).parents[1],
                copy,
                ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfvars"),
            )
            plan_dev(copy, url, init)
            apply_rehearsal(copy, url, init)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
