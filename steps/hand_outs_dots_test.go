package steps

import (
	"strings"
	"testing"
)

func TestDotPackage(t *testing.T) {
	for _, c := range []struct {
		file, line string
		dots       bool
		want       string
	}{
		{"shop/orders/api.py", "from . import make", true, "orders"},
		{"shop/orders/api.py", "try: from .. import (", true, "shop"},
		{"shop/orders/api.py", "from\t..import make", true, "shop"},
		{"shop/orders/api.py", "from ... import make", true, ""}, // the root has no name
		{"api.py", "from . import make", true, ""},
		{"shop/orders/api.py", "from .models import make", false, ""},
		{"shop/orders/api.py", "import make", false, ""},
		{"shop/orders/api.py", "xfrom . import make", false, ""},
		{"shop/orders/api.py", "from orders. import make", false, ""},
	} {
		before := c.line[:strings.Index(c.line, "import")]
		if got := DotPackage(c.file, []byte(before)); got != c.want {
			t.Errorf("%s: %q names %q, want %q", c.file, c.line, got, c.want)
		}
		if got := importsDots([]byte("import os\n" + c.line + "\n")); got != c.dots {
			t.Errorf("%q by dots alone: %t", c.line, got)
		}
	}
}
