#!/bin/sh
# Makes the secrets of an installation, once, in a file beside this one that only its owner may read: sh deploy/compose/secrets.sh
# Keep the file: losing POSTGRES_PASSWORD or WEBHOOK_SECRET_KEY loses access to what they protect. So it is never written over.
set -euC
umask 077
word() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
{
  for name in POSTGRES_PASSWORD RABBITMQ_PASSWORD AUTH_OWNER_PASSWORD AUTH_PASSWORD ENGINE_OWNER_PASSWORD ENGINE_PASSWORD \
    NOTIFIER_OWNER_PASSWORD NOTIFIER_PASSWORD GATEWAY_OWNER_PASSWORD GATEWAY_PASSWORD JWT_SECRET; do
    echo "$name=$(word)"
  done
  echo "WEBHOOK_SECRET_KEY=$(head -c 32 /dev/urandom | base64)"
} > "$(dirname "$0")/.env"
