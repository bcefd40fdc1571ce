# An Aurora cluster that costs little and leaves nothing: no final snapshot, no deletion protection,
# the shortest backup retention there is. The master password is made and kept by RDS in Secrets
# Manager, so that it is neither in the state nor in a plan file.
resource "aws_rds_cluster" "database" {
  count = var.enable_database ? 1 : 0

  cluster_identifier          = local.name
  engine                      = "aurora-postgresql"
  engine_version              = "16.4"
  database_name               = "app"
  master_username             = "app"
  manage_master_user_password = true

  db_subnet_group_name   = var.database_subnet_group
  vpc_security_group_ids = var.database_security_group_ids
  storage_encrypted      = true

  backup_retention_period = 1
  skip_final_snapshot     = true
  deletion_protection     = false
  copy_tags_to_snapshot   = true
  apply_immediately       = true

  serverlessv2_scaling_configuration {
    min_capacity = 0.5
    max_capacity = 2
  }

  lifecycle {
    # Aurora takes minor versions by itself; an environment of a day should not be updated for it.
    ignore_changes = [engine_version]
  }
}

# A cluster without an instance accepts no connection: what waits for the database waits for this.
resource "aws_rds_cluster_instance" "database" {
  count = var.enable_database ? 1 : 0

  identifier         = "${local.name}-1"
  cluster_identifier = aws_rds_cluster.database[0].id
  engine             = aws_rds_cluster.database[0].engine
  instance_class     = "db.serverless"

  auto_minor_version_upgrade = false
  copy_tags_to_snapshot      = true
  apply_immediately          = true
}
