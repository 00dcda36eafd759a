package pins

// demand is where requirements apply together: one list of one file, under
// one marker.
type demand struct{ path, group, marker string }

// Lowest returns the lowest release the project allows: within one list every
// requirement holds, among lists and files the lowest counts. exact says that
// precisely this release is asked for. ok is false when some list asks for no
// lower bound, when a version cannot be read, or when there is nothing that
// asks. Locks, compiled files, images, CI and pre-commit hooks are left out.
func Lowest(pins []Pin) (release string, exact, ok bool) {
	type bound struct {
		v     version
		exact bool
		has   bool
	}
	bounds := map[demand]bound{}
	for _, p := range pins {
		if !p.Kind.demands() || p.Note != "" {
			continue
		}
		s, _, read := p.specifier()
		if !read {
			return "", false, false
		}
		at := demand{p.Path, p.Group, p.Marker}
		b := bounds[at]
		if v, is, has := s.lower(); has && (!b.has || v.compare(b.v) > 0) {
			b = bound{v, is, true}
		}
		bounds[at] = b
	}
	var low bound
	for _, b := range bounds {
		if !b.has {
			return "", false, false
		}
		if n := b.v.compare(low.v); !low.has || n < 0 || n == 0 && b.exact {
			low = b
		}
	}
	return low.v.String(), low.exact, low.has
}

// Locked returns the lowest release that locks and compiled requirements hold
// the project at; ok is false when there is none.
func Locked(pins []Pin) (release string, ok bool) {
	var low version
	for _, p := range pins {
		if p.Kind != Lock && p.Kind != Compiled || p.Note != "" {
			continue
		}
		s, _, read := p.specifier()
		if v, exact, has := s.lower(); read && has && exact && (!ok || v.compare(low) < 0) {
			low, ok = v, true
		}
	}
	return low.String(), ok
}
