from eod.config.loader import load


def test_the_configuration_is_accepted(example):
    config = load((example / ".github/eod.yml").read_text("utf-8"), ".github/eod.yml")
    assert config.terraform is not None
    assert (example / config.terraform.directory / "main.tf").is_file()
    assert (example / str(config.argocd.source["path"]) / "kustomization.yaml").is_file()
    assert config.aws.hosted_zone == config.shared["zone-id"]
    assert config.terraform.backend["use_lockfile"] is True
