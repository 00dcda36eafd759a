package steps

import "math"

// inference finds what values are where each may rest on others, in circles
// too. A circle is run through again until nothing in it changes any more;
// only then is what it found remembered.
type inference struct {
	found   map[any]*finding // by expression, binding, function, field or attribute name
	depth   int              // how many are being inferred
	trail   []*finding       // those found since the current rounds began that are open
	lowest  int              // the outermost busy one that the current inference came back to
	floor   int              // the outermost that anything open rests on
	changed bool             // something open became another kind in this round
}

// finding is what was found for one key.
type finding struct {
	kind    kind
	settled bool // nothing changes it any more
	busy    int  // its number from the outermost of those being inferred, 1; 0 when it is not
	open    bool // found before the circle it is part of settled
	fresh   bool // found in the current round
}

// uncut stands for the number of a busy finding where an inference came back to
// none.
const uncut = math.MaxInt

// maxRounds bounds how often a circle is run through: lists that hold
// themselves would never settle.
const maxRounds = 5

func newInference() *inference {
	return &inference{found: map[any]*finding{}, lowest: uncut, floor: uncut}
}

// of runs the inference of a key, which may come back to the key, unless what
// it gives is known.
func (in *inference) of(key any, infer func() kind) kind {
	x := in.found[key]
	switch {
	case x == nil:
		x = &finding{}
		in.found[key] = x
	case x.settled:
		return x.kind
	case x.busy > 0:
		in.lowest = min(in.lowest, x.busy)
		return x.kind
	case x.open && x.fresh:
		in.lowest = min(in.lowest, in.floor)
		return x.kind
	}
	in.depth++
	x.busy = in.depth
	outer, from := *in, len(in.trail)
	k, seen := in.rounds(x, from, infer)
	own := x.busy
	x.busy = 0
	in.depth--
	if in.lowest < own { // part of a circle around it
		in.changed = in.changed || outer.changed
		in.note(x, k)
		in.floor = min(outer.floor, in.lowest)
		in.lowest = min(in.lowest, outer.lowest)
		return k
	}
	for _, y := range in.trail[from:] {
		y.close(true)
	}
	for _, y := range seen {
		y.close(false)
	}
	in.trail = in.trail[:from]
	in.lowest, in.floor, in.changed = outer.lowest, outer.floor, outer.changed
	x.kind = k
	x.close(true)
	return k
}

// rounds infers a finding, again and again while it is the outermost of a
// circle that has not settled. from is where its part of the trail begins; seen
// are those of earlier rounds.
func (in *inference) rounds(x *finding, from int, infer func() kind) (k kind, seen []*finding) {
	for round := 1; ; round++ {
		in.lowest, in.changed = uncut, false
		k = infer()
		alone := in.lowest > x.busy && len(in.trail) == from
		if in.lowest < x.busy || alone || round == maxRounds || !in.changed && !x.differs(k) {
			return k, seen
		}
		x.kind, x.open = k, true
		for _, y := range in.trail[from:] {
			y.fresh = false
		}
		seen = append(seen, in.trail[from:]...)
		in.trail = in.trail[:from]
	}
}

// note leaves open what was found.
func (in *inference) note(x *finding, k kind) {
	in.changed = in.changed || x.differs(k)
	x.kind, x.open, x.fresh = k, true, true
	in.trail = append(in.trail, x)
}

// close ends being open: what was found is settled, or forgotten where it is
// not.
func (x *finding) close(settled bool) {
	x.open, x.fresh = false, false
	if settled {
		x.settled = true
	} else if !x.settled {
		x.kind = kind{}
	}
}

// differs reports whether another kind was found before, or none at all.
func (x *finding) differs(k kind) bool { return !same(k, x.kind, comparedDepth) }

// comparedDepth is how many elements deep kinds are compared: those of a list
// that holds itself grow with every round.
const comparedDepth = 3

// same reports whether two kinds are the same to a depth of elements.
func same(a, b kind, depth int) bool {
	if a.span != b.span || a.none != b.none || a.other != b.other || a.scope != b.scope || a.hub != b.hub || a.context != b.context ||
		len(a.sites) != len(b.sites) || len(a.stands) != len(b.stands) || len(a.items) != len(b.items) {
		return false
	}
	if depth == 0 {
		return true
	}
	for i := range a.items {
		if !same(a.items[i], b.items[i], depth-1) {
			return false
		}
	}
	return samePointers(a.elem, b.elem, depth-1) && samePointers(a.enter, b.enter, depth-1)
}

func samePointers(a, b *kind, depth int) bool {
	if a == nil || b == nil {
		return a == b
	}
	return same(*a, *b, depth)
}
