package pins

import (
	"regexp"
	"strconv"
	"strings"
)

// version is a PEP 440 version. The zero value is no version.
type version struct {
	epoch   int
	release []int
	pre     string // "a", "b", "rc" or ""
	preN    int
	post    int // -1 for none
	dev     int // -1 for none
	local   string
}

var versionForm = regexp.MustCompile(`(?i)^v?(?:(\d+)!)?(\d+(?:\.\d+)*)` +
	`(?:[-_.]?(alpha|beta|preview|pre|rc|a|b|c)[-_.]?(\d*))?` +
	`(?:-(\d+)|([-_.]?(?:post|rev|r)[-_.]?(\d*)))?` +
	`([-_.]?dev[-_.]?(\d*))?` +
	`(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$`)

// parseVersion reads a version in any spelling PEP 440 normalises.
func parseVersion(text string) (version, bool) {
	m := versionForm.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return version{}, false
	}
	v := version{epoch: number(m[1]), post: -1, dev: -1, local: strings.ToLower(m[10])}
	for _, part := range strings.Split(m[2], ".") {
		v.release = append(v.release, number(part))
	}
	if m[3] != "" {
		v.pre, v.preN = preName(m[3]), number(m[4])
	}
	switch {
	case m[5] != "":
		v.post = number(m[5])
	case m[6] != "":
		v.post = number(m[7])
	}
	if m[8] != "" {
		v.dev = number(m[9])
	}
	return v, true
}

// number reads digits; none are 0 and too many the largest int.
func number(digits string) int {
	if digits == "" {
		return 0
	}
	n, _ := strconv.Atoi(digits)
	return n
}

func preName(spelled string) string {
	switch strings.ToLower(spelled) {
	case "a", "alpha":
		return "a"
	case "b", "beta":
		return "b"
	}
	return "rc"
}

// Compare orders two versions as PEP 440 does and returns -1, 0 or 1. A text
// that is no version sorts before every version.
func Compare(a, b string) int {
	va, oka := parseVersion(a)
	vb, okb := parseVersion(b)
	if !oka || !okb {
		return compareInts(boolInt(oka), boolInt(okb))
	}
	return va.compare(vb)
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (v version) compare(w version) int {
	for _, c := range []int{
		compareInts(v.epoch, w.epoch),
		v.compareRelease(w),
		compareInts(v.phase(), w.phase()),
		compareInts(v.preN, w.preN),
		compareInts(v.post, w.post),
		compareInts(v.devRank(), w.devRank()),
		strings.Compare(v.local, w.local),
	} {
		if c != 0 {
			return c
		}
	}
	return 0
}

func (v version) compareRelease(w version) int {
	for i := range max(len(v.release), len(w.release)) {
		if c := compareInts(v.part(i), w.part(i)); c != 0 {
			return c
		}
	}
	return 0
}

// part returns a component of the release; missing ones are 0.
func (v version) part(i int) int {
	if i < len(v.release) {
		return v.release[i]
	}
	return 0
}

// phase ranks what follows the release number: development releases come
// before alphas, and the final release after its candidates.
func (v version) phase() int {
	switch {
	case v.pre == "a":
		return 1
	case v.pre == "b":
		return 2
	case v.pre == "rc":
		return 3
	case v.dev >= 0 && v.post < 0:
		return 0
	}
	return 4
}

// devRank sorts a development release before the release it leads to.
func (v version) devRank() int {
	if v.dev < 0 {
		return int(^uint(0) >> 1)
	}
	return v.dev
}

func compareInts(a, b int) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (v version) prerelease() bool { return v.pre != "" || v.dev >= 0 }

// cut returns the version with n components of its release: padded with zeros
// or shortened, the pre-release kept.
func (v version) cut(n int) version {
	release := make([]int, n)
	for i := range release {
		release[i] = v.part(i)
	}
	v.release, v.post, v.local = release, -1, ""
	return v
}

// after returns the final release that follows every release beginning with
// the first n components of v.
func (v version) after(n int) version {
	next := v.cut(n)
	next.release[n-1]++
	next.pre, next.preN, next.dev = "", 0, -1
	return next
}

// String returns the normal form, without the local part.
func (v version) String() string {
	var b strings.Builder
	if v.epoch > 0 {
		b.WriteString(strconv.Itoa(v.epoch) + "!")
	}
	for i, n := range v.release {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(strconv.Itoa(n))
	}
	if v.pre != "" {
		b.WriteString(v.pre + strconv.Itoa(v.preN))
	}
	if v.post >= 0 {
		b.WriteString(".post" + strconv.Itoa(v.post))
	}
	if v.dev >= 0 {
		b.WriteString(".dev" + strconv.Itoa(v.dev))
	}
	return b.String()
}
