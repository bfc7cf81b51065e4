#!/bin/sh
# Chromium, PostgreSQL, Postfix, Dovecot, Pango and Poppler for the tests, from the system's packages, where they are missing.
set -eu
missing=""
[ -n "$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)" ] || missing="$missing chromium"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || missing="$missing postgresql"
[ -n "$(command -v postfix || ls /usr/sbin/postfix 2>/dev/null || true)" ] || missing="$missing postfix"
[ -n "$(command -v dovecot || ls /usr/sbin/dovecot 2>/dev/null || true)" ] || missing="$missing dovecot-imapd"
ldconfig -p 2>/dev/null | grep -q libpangoft2-1.0 || missing="$missing libpango-1.0-0 libpangoft2-1.0-0"
command -v pdftotext >/dev/null 2>&1 || missing="$missing poppler-utils"
command -v nginx >/dev/null 2>&1 || [ -x /usr/sbin/nginx ] || missing="$missing nginx-light"
command -v openssl >/dev/null 2>&1 || missing="$missing openssl"
command -v systemd-analyze >/dev/null 2>&1 || missing="$missing systemd"
[ -n "$missing" ] || exit 0
echo "Installing for the tests:$missing"
if ! command -v apt-get >/dev/null 2>&1; then
    echo "Install these with your package manager, then run again:$missing" >&2
    exit "$([ "${CI:-}" = true ] && echo 1 || echo 0)"
fi
run=""
[ "$(id -u)" = 0 ] || run="sudo"
$run apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends $missing >/dev/null
