package steps

import (
	"bytes"
	"slices"

	"spanwalk/rewrite"
	"spanwalk/steps/pins"
)

// FloorQuestion is the ID of the question for the lowest SDK release.
const FloorQuestion = "floor"

// demandedRelease returns the lowest release the project's manifests allow; ok
// is false when one of them sets no lower bound, or when none names the SDK.
func demandedRelease(p *rewrite.Project) (Release, bool) {
	low, _, ok := pins.Lowest(allPins(p))
	if !ok {
		return Release{}, false
	}
	r, err := ParseRelease(low)
	return r, err == nil
}

// allPins returns every pin of sentry-sdk in the project's manifests. A
// manifest that cannot be read is reported by the step sdk-version.
func allPins(p *rewrite.Project) []pins.Pin {
	var out []pins.Pin
	for _, name := range Manifests(p) {
		if found, err := pins.Find(name, p.Data(name)); err == nil {
			out = append(out, found...)
		}
	}
	return out
}

// Manifests returns the paths of the files that may pin a release, sorted;
// Python files such as setup.py are among them whether or not they name the SDK
// as a module.
func Manifests(p *rewrite.Project) []string {
	var out []string
	for _, name := range p.Others() {
		if pins.Manifest(name) {
			out = append(out, name)
		}
	}
	for _, f := range p.Files() {
		if pins.Manifest(f.Path) {
			out = append(out, f.Path)
		}
	}
	slices.Sort(out)
	return out
}

// recommendedFloor is the floor offered first: 2.67.0, the lowest release whose
// code also runs on 3.0; 2.69.2 where functions_to_trace is set, which works
// again there; 2.70.0 where send_default_pii is set, whose successor
// data_collection is an option from there on.
func (w *world) recommendedFloor() Release {
	floor := R2_67_0
	for _, f := range w.project.Files() {
		switch x := w.files[f]; {
		case x.sendsPII:
			return R2_70_0
		case x.tracesFunctions:
			floor = R2_69_2
		}
	}
	return floor
}

// demand is what demandedRelease returned.
type demand struct {
	release Release
	known   bool
}

// demandedRelease is [demandedRelease] of the world's project.
func (w *world) demandedRelease() (Release, bool) {
	if w.demanded == nil {
		r, known := demandedRelease(w.project)
		w.demanded = &demand{r, known}
	}
	return w.demanded.release, w.demanded.known
}

// sameManifests reports whether two forms of a project pin the same releases.
func sameManifests(a, b *rewrite.Project) bool {
	names := Manifests(a)
	if !slices.Equal(names, Manifests(b)) {
		return false
	}
	for _, name := range names {
		if !bytes.Equal(a.Data(name), b.Data(name)) {
			return false
		}
	}
	return true
}

// floor returns the lowest SDK release the migrated project will allow: the
// decided one, what the manifests demand when that is more, and without a
// decision what is recommended.
func (w *world) floor(decisions Decisions) Release {
	demanded, known := w.demandedRelease()
	floor := w.recommendedFloor()
	if d, found := decisions.Find(FloorQuestion, "", ""); found {
		if r, err := ParseRelease(d.Option); err == nil {
			floor = r
		}
	}
	if known && demanded.AtLeast(floor) {
		return demanded
	}
	return floor
}
