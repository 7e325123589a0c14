#!/bin/sh
# Writes fresh secrets for compose.yaml to stdout: sh deploy/compose/secrets.sh > deploy/compose/.env
# Keep the file: losing POSTGRES_PASSWORD or WEBHOOK_SECRET_KEY loses access to what they protect.
set -eu
umask 077
word() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
for name in POSTGRES_PASSWORD RABBITMQ_PASSWORD AUTH_OWNER_PASSWORD AUTH_PASSWORD ENGINE_OWNER_PASSWORD ENGINE_PASSWORD \
  NOTIFIER_OWNER_PASSWORD NOTIFIER_PASSWORD GATEWAY_OWNER_PASSWORD GATEWAY_PASSWORD JWT_SECRET; do
  echo "$name=$(word)"
done
echo "WEBHOOK_SECRET_KEY=$(head -c 32 /dev/urandom | base64)"
