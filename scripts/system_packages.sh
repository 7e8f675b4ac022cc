#!/usr/bin/env bash
# flite speaks clearer English than espeak; the font draws Chinese. Both are optional: nothing fails without them.
set -u
missing=()
command -v flite >/dev/null 2>&1 || missing+=(flite)
{ command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=zh family)" ]; } || missing+=(fontconfig fonts-wqy-microhei)
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing Debian packages: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get install -y -qq --no-install-recommends "${missing[@]}" ||
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; }; } >/dev/null 2>&1 && exit 0
    echo "could not install ${missing[*]}; going on without"
else
    echo "missing, and not root on Debian: ${missing[*]} (on Debian: sudo apt-get install ${missing[*]})"
fi
exit 0
