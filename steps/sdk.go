package steps

import (
	"fmt"
	"strconv"
	"strings"
)

// Release is a release of sentry-sdk, without pre-release parts: 3.0.0b2 is
// 3.0.0.
type Release struct{ Major, Minor, Patch int }

// The floors the product offers, and why each exists (facts/sdk-newer.md,
// "Practical floors").
var (
	R2_62_0 = Release{2, 62, 0} // the guide's minimum
	R2_65_0 = Release{2, 65, 0} // @trace sets op "function" itself, unsampled spans have all members
	R2_66_0 = Release{2, 66, 0} // trace_lifecycle and ignore_spans are top-level options
	R2_66_1 = Release{2, 66, 1} // sampler input and source attribute as documented today
	R2_67_0 = Release{2, 67, 0} // before_send_span is top-level; the lowest release whose code runs on 3.0
	R2_69_2 = Release{2, 69, 2} // functions_to_trace works in stream mode
	R2_70_0 = Release{2, 70, 0} // data_collection is top-level
	R3_0_0  = Release{3, 0, 0}  // streaming only; trace_lifecycle is no option any more
)

// ParseRelease reads "2.67.0"; missing parts are zero and a pre-release suffix
// is dropped.
func ParseRelease(s string) (Release, error) {
	var r Release
	for i, part := range strings.SplitN(strings.TrimSpace(s), ".", 3) {
		digits := part
		if j := strings.IndexFunc(part, func(c rune) bool { return c < '0' || c > '9' }); j >= 0 {
			digits = part[:j]
		}
		n, err := strconv.Atoi(digits)
		if err != nil {
			return Release{}, fmt.Errorf("release %q: want a version such as 2.67.0", s)
		}
		switch i {
		case 0:
			r.Major = n
		case 1:
			r.Minor = n
		case 2:
			r.Patch = n
		}
	}
	return r, nil
}

// String writes the release as "2.67.0".
func (r Release) String() string { return fmt.Sprintf("%d.%d.%d", r.Major, r.Minor, r.Patch) }

// AtLeast reports whether r is s or newer.
func (r Release) AtLeast(s Release) bool {
	if r.Major != s.Major {
		return r.Major > s.Major
	}
	if r.Minor != s.Minor {
		return r.Minor > s.Minor
	}
	return r.Patch >= s.Patch
}

// SourceAttribute is the attribute that carries a segment's name source. It was
// renamed in 2.66.1 without a mention in the changelog (facts/sdk.md C1).
func (r Release) SourceAttribute() string {
	if r.AtLeast(R2_66_1) {
		return "sentry.segment.name.source"
	}
	return "sentry.span.source"
}

// TopLevel reports whether the release takes an option outside _experiments:
// trace_lifecycle and ignore_spans from 2.66.0, before_send_span from 2.67.0
// (facts/sdk.md A).
func (r Release) TopLevel(option string) bool {
	if option == "before_send_span" {
		return r.AtLeast(R2_67_0)
	}
	return r.AtLeast(R2_66_0)
}
