#!/bin/sh
# Makes one virtual environment per sentry-sdk release of sdks.txt, in .venvs/<release>, and one
# with web frameworks per release that frameworks.txt names, in .venvs/<release>-frameworks.
#
#   venvs.sh              every one of them
#   venvs.sh 2.67.0 ...   only these
#
# An environment that is up to date costs a file comparison. PYTHON names another interpreter
# (default python3, 3.11 or newer); VENVS another folder. Exits 1 and names what could not be
# installed.
set -u

here=$(cd "$(dirname "$0")" && pwd)
venvs=${VENVS:-$here/../../.venvs}
python=${PYTHON:-python3}
with=$(sed -n 's/^with //p' "$here/sdks.txt")
pinned=$(sed -e '/^#/d' -e '/^with /d' -e '/^[[:space:]]*$/d' "$here/sdks.txt")
frameworks=$(sed -e '/^#/d' -e '/^on /d' -e '/^[[:space:]]*$/d' "$here/frameworks.txt" | tr '\n' ' ')
with_frameworks=$(for release in $(sed -n 's/^on //p' "$here/frameworks.txt"); do echo "$release-frameworks"; done)
known=$(printf '%s\n%s' "$pinned" "$with_frameworks")
wanted=${*:-$known}

if ! version=$("$python" -c 'import sys; print(sys.version.split()[0]); sys.exit(sys.version_info < (3, 11))'); then
	echo "venvs: $python is ${version:-not there}; the oracle needs Python 3.11 or newer (set PYTHON)" >&2
	exit 1
fi

# packages NAME prints what the environment holds.
packages() {
	case $1 in
	*-frameworks) echo "sentry-sdk==${1%-frameworks} $with $frameworks" ;;
	*) echo "sentry-sdk==$1 $with" ;;
	esac
}

# make_venv NAME STAMP builds .venvs/NAME anew; the stamp is written last, so a broken build is never taken for a good one.
make_venv() {
	dir=$venvs/$1
	rm -rf "$dir"
	"$python" -m venv "$dir" &&
		"$dir/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
			--only-binary :all: $(packages "$1") &&
		"$dir/bin/python" -m compileall -q "$dir"/lib/python*/site-packages/sentry_sdk >/dev/null &&
		printf '%s\n' "$2" >"$dir/.stamp"
}

for name in $wanted; do
	if ! printf '%s\n' "$known" | grep -Fqx -- "$name" || ! printf '%s\n' "$pinned" | grep -Fqx -- "${name%-frameworks}"; then
		echo "venvs: $name does not stand in testdata/oracle/sdks.txt and frameworks.txt" >&2
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
for name in $wanted; do
	stamp="$(packages "$name") python==$version"
	if [ -f "$venvs/$name/.stamp" ] && [ "$(cat "$venvs/$name/.stamp")" = "$stamp" ]; then
		continue
	fi
	echo "venvs: installing sentry-sdk $name" >&2
	make_venv "$name" "$stamp" || failed="$failed $name"
done

if [ -n "$failed" ]; then
	echo "venvs: could not install sentry-sdk$failed (is PyPI reachable?)" >&2
	exit 1
fi
