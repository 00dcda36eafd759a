package wizard

import (
	"testing"

	"spanwalk/rewrite"
)

func TestLineEditsAddUp(t *testing.T) {
	for _, pair := range [][2]string{
		{"", "a\n"}, {"a\n", ""}, {"a\nb\nc\n", "a\nx\nc"}, {"a\nb", "b\n"}, {"1\n2\n3\n4\n5\n", "0\n1\n3\n4\nx\ny\n5\n"},
		{"op=1\n\nx\n\nop=2", "kind=1\n\nx\n\nkind=2"}, {"a\r\nb\r\n", "a\r\n"},
	} {
		before, after := []byte(pair[0]), []byte(pair[1])
		if got := rewrite.Apply(before, lineEdits(before, after)); string(got) != pair[1] {
			t.Errorf("%q to %q gave %q", pair[0], pair[1], got)
		}
	}
}
