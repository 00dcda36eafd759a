package wizard

import "testing"

func TestLineNow(t *testing.T) {
	before := "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n"
	now := "new\na\nb\nB\nd\ne\nf\ng\nh\ni\nk1\nk2\nl\n" // a line above, c replaced, j and k replaced by two
	for line, want := range map[int]int{1: 2, 2: 3, 3: 4, 4: 5, 7: 8, 9: 10, 10: 11, 11: 11, 12: 13} {
		if got := lineNow([]byte(before), []byte(now), line); got != want {
			t.Errorf("line %d: %d, want %d", line, got, want)
		}
	}
	if got := lineNow([]byte("a\nb\n"), []byte("a\n"), 2); got != 1 {
		t.Errorf("a line that is gone at the end: %d, want 1", got)
	}
	if got := lineNow([]byte("same\n"), []byte("same\n"), 1); got != 1 {
		t.Errorf("nothing changed: %d", got)
	}
}
