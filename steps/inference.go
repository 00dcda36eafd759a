package steps

import "math"

// inference finds what values are where each may rest on others, in circles
// too. A circle is run through again until nothing in it changes any more;
// only then is what it found remembered.
type inference struct {
	busy    map[any]int      // what is being inferred, numbered from the outermost, 1
	open    map[any]*openOne // what rests on something that is still being inferred around it
	trail   []any            // the keys of open found since the current rounds began
	lowest  int              // the outermost busy key that the current inference came back to
	floor   int              // the outermost that anything open rests on
	changed bool             // something open became another kind in this round
}

// openOne is what was found for a key before the circle it is part of settled.
type openOne struct {
	kind  kind
	fresh bool // found in the current round
}

// uncut stands for the number of a busy key where an inference came back to none.
const uncut = math.MaxInt

// maxRounds bounds how often a circle is run through: lists that hold
// themselves would never settle.
const maxRounds = 5

func newInference() *inference {
	return &inference{busy: map[any]int{}, open: map[any]*openOne{}, lowest: uncut, floor: uncut}
}

// of runs the inference of a key, which may come back to the key. keep
// remembers what was found; it is called once what the key rests on is settled.
func (in *inference) of(key any, infer func() kind, keep map[any]kind) kind {
	if k, ok := keep[key]; ok {
		return k
	}
	before := in.open[key]
	if at := in.busy[key]; at > 0 {
		in.lowest = min(in.lowest, at)
		if before == nil {
			return kind{}
		}
		return before.kind
	}
	if before != nil && before.fresh {
		in.lowest = min(in.lowest, in.floor)
		return before.kind
	}
	own := len(in.busy) + 1
	in.busy[key] = own
	outer, from := *in, len(in.trail)
	k, seen := in.rounds(key, own, from, infer)
	delete(in.busy, key)
	if in.lowest < own { // part of a circle around it
		in.changed = in.changed || outer.changed
		in.note(key, k)
		in.floor = min(outer.floor, in.lowest)
		in.lowest = min(in.lowest, outer.lowest)
		return k
	}
	for _, x := range in.trail[from:] {
		keep[x] = in.open[x].kind
	}
	for _, x := range append(seen, in.trail[from:]...) {
		delete(in.open, x)
	}
	delete(in.open, key)
	in.trail = in.trail[:from]
	in.lowest, in.floor, in.changed = outer.lowest, outer.floor, outer.changed
	keep[key] = k
	return k
}

// rounds infers a key, again and again while it is the outermost of a circle
// that has not settled. from is where its part of the trail begins; seen are
// the keys of earlier rounds.
func (in *inference) rounds(key any, own, from int, infer func() kind) (k kind, seen []any) {
	for round := 1; ; round++ {
		in.lowest, in.changed = uncut, false
		k = infer()
		alone := in.lowest > own && len(in.trail) == from
		if in.lowest < own || alone || round == maxRounds || !in.changed && !in.open[key].differs(k) {
			return k, seen
		}
		in.open[key] = &openOne{kind: k}
		for _, x := range in.trail[from:] {
			in.open[x].fresh = false
		}
		seen = append(seen, in.trail[from:]...)
		in.trail = in.trail[:from]
	}
}

// note leaves open what was found for a key.
func (in *inference) note(key any, k kind) {
	in.changed = in.changed || in.open[key].differs(k)
	in.open[key] = &openOne{kind: k, fresh: true}
	in.trail = append(in.trail, key)
}

// differs reports whether another kind was found before, or none at all.
func (o *openOne) differs(k kind) bool {
	if o == nil {
		o = &openOne{}
	}
	return !same(k, o.kind, comparedDepth)
}

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
