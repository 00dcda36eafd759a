#!/bin/sh
# Makes one virtual environment per sentry-sdk release of sdks.txt, in .venvs/<release>.
#
#   venvs.sh              every release
#   venvs.sh 2.67.0 ...   only these (each must stand in sdks.txt)
#
# An environment that is up to date costs a file comparison. PYTHON names another interpreter
# (default python3, 3.11 or newer); VENVS another folder. Exits 1 and names the releases that
# could not be installed.
set -u

here=$(cd "$(dirname "$0")" && pwd)
venvs=${VENVS:-$here/../../.venvs}
python=${PYTHON:-python3}
with=$(sed -n 's/^with //p' "$here/sdks.txt")
pinned=$(sed -e '/^#/d' -e '/^with /d' -e '/^[[:space:]]*$/d' "$here/sdks.txt")
wanted=${*:-$pinned}

if ! version=$("$python" -c 'import sys; print(sys.version.split()[0]); sys.exit(sys.version_info < (3, 11))'); then
	echo "venvs: $python is ${version:-not there}; the oracle needs Python 3.11 or newer (set PYTHON)" >&2
	exit 1
fi

# make_venv RELEASE builds .venvs/RELEASE anew; the stamp is written last, so a broken build is never taken for a good one.
make_venv() {
	dir=$venvs/$1
	rm -rf "$dir"
	"$python" -m venv "$dir" &&
		"$dir/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
			--only-binary :all: "sentry-sdk==$1" $with &&
		"$dir/bin/python" -m compileall -q "$dir"/lib/python*/site-packages/sentry_sdk >/dev/null &&
		printf '%s\n' "$2" >"$dir/.stamp"
}

for release in $wanted; do
	if ! printf '%s\n' "$pinned" | grep -Fqx -- "$release"; then
		echo "venvs: $release does not stand in testdata/oracle/sdks.txt" >&2
		exit 2
	fi
done

# Only one at a time, where the system can say so.
mkdir -p "$venvs" || exit 1
if command -v flock >/dev/null; then
	exec 9>"$venvs/.lock"
	flock 9
fi

failed=
for release in $wanted; do
	stamp="sentry-sdk==$release $with python==$version"
	if [ -f "$venvs/$release/.stamp" ] && [ "$(cat "$venvs/$release/.stamp")" = "$stamp" ]; then
		continue
	fi
	echo "venvs: installing sentry-sdk $release" >&2
	make_venv "$release" "$stamp" || failed="$failed $release"
done

if [ -n "$failed" ]; then
	echo "venvs: could not install sentry-sdk$failed (is PyPI reachable?)" >&2
	exit 1
fi
