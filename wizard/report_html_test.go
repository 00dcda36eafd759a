package wizard

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSides: what was replaced stands beside what replaced it, in pieces that
// add up to the lines, without the CR that a browser would show.
func TestSides(t *testing.T) {
	rows := sides([]byte("def f():\r\n    a(op=1)\r\n    b()\r\n    \xff()\r\n"), []byte("def f():\r\n    a(name=1)\r\n    c()\r\n    d()\r\n    \xff()\r\n    end"))
	var got []string
	for _, row := range rows {
		got = append(got, row.Heading+half(row.Old)+" | "+half(row.New))
	}
	want := []string{
		"@@ -1 +1 @@  | ",
		"1 def f(): | 1 def f():",
		"2-    a([op]=1) | 2+    a([name]=1)",
		"3-    [b]() | 3+    c()",
		" | 4+    [d]()",
		"4     \uFFFD() | 5     \uFFFD()",
		" | 6+    end (no line end)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func half(c *sideCell) string {
	if c == nil {
		return ""
	}
	var b strings.Builder
	for _, p := range c.Pieces {
		if p.Marked {
			fmt.Fprintf(&b, "[%s]", p.Text)
		} else {
			b.WriteString(p.Text)
		}
	}
	if c.NoEnd {
		b.WriteString(" (no line end)")
	}
	sign := c.Sign
	if sign == "" {
		sign = " "
	}
	return fmt.Sprintf("%d%s%s", c.Line, sign, b.String())
}
